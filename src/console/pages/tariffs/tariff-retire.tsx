/** Ends a client's own terms, after a page that compares them with those of the default tariff. */

import type { z } from 'zod';
import type { TariffOverviewSchema } from '../../../admin/routes/tariffs/tariff-overview.ts';
import type { VersionSchema } from '../../../admin/routes/tariffs/tariff-schemas.ts';
import { api, hrefOf, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Facts } from '../../parts/figure.tsx';
import { utcOf } from '../../parts/filter.tsx';
import { Confirmation, Field, type FormState, FRESH } from '../../parts/form.tsx';
import { termsSentence } from '../../parts/terms.tsx';
import { None } from '../../parts/value.tsx';

type Version = z.output<typeof VersionSchema>;
type Overview = z.output<typeof TariffOverviewSchema>;

export const tariffRetirePage: ConsolePage = {
  path: '/tariffs/retire',
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const { reason, validFrom } = values;
    const answer = await api(c).post<Version>(pathOf(c), {
      ...{ terms: null, reason },
      ...(validFrom ? { validFrom: utcOf(validFrom) } : {}),
    });
    return answer.ok ? seeDone(c, '/tariffs', 'retired') : render(c, { values, problem: answer.problem });
  },
};

const clientOf = (c: PageContext): string => c.req.query('client') ?? '';
const pathOf = (c: PageContext): string => `/v1/clients/${encodeURIComponent(clientOf(c))}/tariffs`;

async function render(c: PageContext, state: FormState) {
  const client = clientOf(c);
  const [own, overview] = await Promise.all([
    api(c).get<PageOf<Version>>(pathOf(c), { limit: 100 }),
    api(c).get<Overview>('/v1/tariffs/overview', { limit: 1 }),
  ]);
  if (!own.ok) return problemPage(c, own.problem);
  if (!overview.ok) return problemPage(c, overview.problem);
  const { asOf, default: general } = overview.value;
  const current = own.value.items.find(
    ({ validFrom, retirement }) => retirement === null && validFrom <= asOf,
  );
  const terms = general.current?.terms ?? null;
  return page(
    c,
    { title: `End the own terms of ${client}`, status: state.problem?.status ?? 200 },
    <>
      <Facts
        facts={[
          ['Own terms', current === undefined ? <None /> : termsSentence(current.terms)],
          ['Default tariff', terms === null ? <None /> : termsSentence(terms)],
        ]}
      />
      {terms === null ? null : (
        <p>
          <a href={hrefOf('/what-if', { client, terms: JSON.stringify(terms) })}>
            Try the default terms on the usage of {client}
          </a>{' '}
          before you decide.
        </p>
      )}
      <Confirmation
        state={state}
        label="Follow the default tariff"
        back="/tariffs"
        tone="danger"
        api="POST /v1/clients/{clientId}/tariffs"
      >
        <p>A new version without terms is stored. The versions before it stay in force for their time.</p>
        <Field
          name="validFrom"
          label="Valid from (UTC)"
          state={state}
          type="datetime-local"
          hint="Empty: from when it is stored."
        />
        <Field name="reason" label="Reason" state={state} required hint="Recorded in the audit log." />
      </Confirmation>
    </>,
  );
}
