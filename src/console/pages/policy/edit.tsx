/** A new version of the policy. A dry run shows what changes for agents and what would have been withheld. */

import type { z } from 'zod';
import type { ProblemJson } from '../../../admin/problem.ts';
import type { TariffOverviewSchema } from '../../../admin/routes/tariffs/tariff-overview.ts';
import { DEFAULT_MATRIX } from '../../../rights/matrix.ts';
import { type Answer, api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { utcOf } from '../../parts/filter.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty } from '../../parts/notice.tsx';
import {
  MatrixTable,
  matrixOfForm,
  type PolicyPreviewJson,
  type PolicyVersionJson,
} from '../../parts/rights/policy.tsx';
import { PolicyPreview, type RightsWhatIfJson } from '../../parts/rights/policy-preview.tsx';

type Values = Readonly<Record<string, string>>;

const DAY_MS = 86_400_000;
const WHAT_IF_DAYS = 7;
/** The first version, to be filled in. */
const STARTER = {
  terms: { version: '', url: '' },
  rightsholder: { name: '', email: '' },
  purposes: { search: 'allow', ai_training: 'licence' },
  enforcement: { mode: 'shadow' },
};

export const policyEditPage: ConsolePage = {
  path: '/policy/new',
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const policy = documentOf(values);
    if (!policy.ok) return render(c, { values, problem: policy.problem });
    const validFrom = utcOf(values.validFrom);
    const body = { policy: policy.value, reason: values.reason, ...(validFrom && { validFrom }) };
    if (values.step === 'store') {
      const stored = await api(c).post<PolicyVersionJson>('/v1/policies', body);
      return stored.ok ? seeDone(c, '/policy', 'added') : render(c, { values, problem: stored.problem });
    }
    const preview = await api(c).post<PolicyPreviewJson>('/v1/policies', { ...body, dryRun: true });
    if (!preview.ok) return render(c, { values, problem: preview.problem });
    const { contradictions } = preview.value;
    if (contradictions.length > 0) {
      const problem = refusal('The policy contradicts itself', contradictions);
      return render(c, { values, problem });
    }
    const whatIf = await tryMatrix(c, policy.value);
    return page(
      c,
      { title: 'What the new version changes' },
      <PolicyPreview c={c} values={values} preview={preview.value} whatIf={whatIf} />,
    );
  },
};

/** The document of the form: the text, with the matrix of the checkboxes. */
function documentOf(values: Values): Answer<Record<string, unknown>> {
  const fault = (reason: string, hint: string) => ({
    ok: false as const,
    problem: refusal('The document cannot be read', [{ field: 'document', reason, hint }]),
  });
  let document: unknown;
  try {
    document = JSON.parse(values.document ?? '');
  } catch (error) {
    return fault(`is not JSON: ${(error as Error).message}`, 'correct it at this place');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return fault('is not an object', 'begin it with { and end it with }');
  }
  if ('matrix' in document) return fault('has a `matrix`', 'remove it, and use the table');
  return { ok: true, value: { ...document, matrix: matrixOfForm(values) } };
}

function refusal(title: string, errors: NonNullable<ProblemJson['errors']>): ProblemJson {
  const detail = 'Nothing was stored.';
  return { type: 'about:blank', title, status: 400, code: 'invalid_request', detail, errors };
}

/** What the matrix would have withheld in the last days, if every class were in the mode `enforce`. */
async function tryMatrix(c: PageContext, policy: Record<string, unknown>): Promise<Answer<RightsWhatIfJson>> {
  const tariffs = await api(c).get<z.output<typeof TariffOverviewSchema>>('/v1/tariffs/overview', {
    limit: 1,
  });
  if (!tariffs.ok) return tariffs;
  const { asOf } = tariffs.value;
  const { whenAway } = (policy.enforcement ?? {}) as { whenAway?: unknown };
  return api(c).post<RightsWhatIfJson>('/v1/rights/what-if', {
    from: new Date(Date.parse(asOf) - WHAT_IF_DAYS * DAY_MS).toISOString(),
    matrix: policy.matrix,
    mode: 'enforce',
    ...(whenAway === undefined ? {} : { whenAway }),
  });
}

async function render(c: PageContext, state: FormState) {
  const found = await api(c).get<PageOf<PolicyVersionJson>>('/v1/policies', { limit: 25 });
  if (!found.ok) return problemPage(c, found.problem);
  const current = found.value.items.find(({ isInForce }) => isInForce)?.policy;
  const { matrix, ...rest } = current ?? { ...STARTER, matrix: DEFAULT_MATRIX };
  const isSent = Object.keys(state.values).length > 0;
  return page(
    c,
    { title: 'New version of the policy', status: state.problem?.status ?? 200 },
    <>
      <p>
        <a href="/policy">The policy in force</a>
      </p>
      {mayAct(c, 'rights') ? (
        <>
          <p>
            The next page shows what changes for each agent, and what would have been withheld in the last
            seven days. Nothing is stored before.
          </p>
          <PostForm state={state} api="POST /v1/policies" class="panel">
            <MatrixTable matrix={isSent ? matrixOfForm(state.values) : matrix} isForm />
            <div class="form">
              <Field
                name="document"
                label="Document"
                state={state}
                required
                lines={22}
                value={JSON.stringify(rest, null, 2)}
                hint="JSON, without the matrix, which the table above states. The API describes each field."
              />
              <Field
                name="validFrom"
                label="Valid from (UTC)"
                state={state}
                type="datetime-local"
                hint="Empty: from when it is stored."
              />
              <Field name="reason" label="Reason" state={state} required hint="Recorded with the version." />
              <p class="buttons">
                <Submit tone="primary">Preview</Submit>
                <a href="/policy">Cancel</a>
              </p>
            </div>
          </PostForm>
        </>
      ) : (
        <Empty title="A new version needs the role rights">
          <p>Ask an admin for a token with it.</p>
        </Empty>
      )}
    </>,
  );
}
