/** Withdraws a scheduled version of a tariff, after a page that says which one. */

import type { z } from 'zod';
import type { VersionSchema } from '../../../admin/routes/tariffs/tariff-schemas.ts';
import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Facts } from '../../parts/figure.tsx';
import { Confirmation, Field, type FormState, FRESH } from '../../parts/form.tsx';
import { termsSentence } from '../../parts/terms.tsx';
import { Moment } from '../../parts/value.tsx';

type Version = z.output<typeof VersionSchema>;

export const tariffWithdrawPage: ConsolePage = {
  path: '/tariffs/withdraw',
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const version = encodeURIComponent(c.req.query('version') ?? '');
    const answer = await api(c).delete<Version>(`${pathOf(c)}/${version}`, { reason: values.reason });
    if (!answer.ok) return render(c, { values, problem: answer.problem });
    return seeDone(c, '/tariffs', 'withdrawn');
  },
};

function pathOf(c: PageContext): string {
  const client = c.req.query('client') ?? '';
  return client === '' ? '/v1/tariffs' : `/v1/clients/${encodeURIComponent(client)}/tariffs`;
}

async function render(c: PageContext, state: FormState) {
  const found = await api(c).get<PageOf<Version>>(pathOf(c), { limit: 1000 });
  if (!found.ok) return problemPage(c, found.problem);
  const version = found.value.items.find(({ id }) => id === c.req.query('version'));
  if (version === undefined) return c.redirect('/tariffs', 303);
  const title = `Withdraw version ${version.version}`;
  return page(
    c,
    state.problem === undefined ? { title } : { title, status: state.problem.status },
    <>
      <Facts
        facts={[
          ['Of', version.clientId ?? 'the default tariff'],
          ['Terms', termsSentence(version.terms)],
          ['Valid from (UTC)', <Moment at={version.validFrom} />],
        ]}
      />
      <p>It never applies. The version before it stays in force.</p>
      <Confirmation state={state} label="Withdraw the version" back="/tariffs" tone="danger">
        <Field name="reason" label="Reason" state={state} required hint="Recorded in the audit log." />
      </Confirmation>
    </>,
  );
}
