/** Unknown callers in groups, judged as one client; the chosen ones become a client after a preview. */

import type { z } from 'zod';
import type { CallersSchema } from '../../admin/routes/callers/callers.ts';
import type { PromotionResultSchema, PromotionSchema } from '../../admin/routes/callers/promotion-schemas.ts';
import { counted } from '../../report/counted.ts';
import { api, type PageOf } from '../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../context.ts';
import { problemPage } from '../failures.tsx';
import { page } from '../layout.tsx';
import { CallerGroups, ChosenPanel, Promotions } from '../parts/callers/callers.tsx';
import { PromotionForm, PromotionPreview } from '../parts/callers/promotion.tsx';
import { Filter, utcOf } from '../parts/filter.tsx';
import { Confirmation, type FormState, FRESH } from '../parts/form.tsx';
import { Empty, Notice } from '../parts/notice.tsx';

type Callers = z.output<typeof CallersSchema>;
type Result = z.output<typeof PromotionResultSchema>;

const PATH = '/callers';
const DONE = {
  promoted: 'The callers are named as one client. Billing recomputes it within its interval.',
  undone: 'The promotion is undone. Its usage is back with the callers, and its ranges are revoked.',
};
const FIELDS = [
  {
    name: 'by',
    label: 'Group by',
    options: [
      ['', 'network'],
      ['user_agent', 'user agent'],
      ['alike', 'alike'],
    ] as const,
  },
  { name: 'from', label: 'From (UTC)', type: 'datetime-local' as const },
  { name: 'to', label: 'To (UTC)', type: 'datetime-local' as const },
  { name: 'min', label: 'Posts of a caller from', type: 'number' as const },
];

export const callersPage: ConsolePage = {
  path: PATH,
  nav: { label: 'Callers', group: 'Metering' },
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const isPreview = values.step !== 'confirm';
    const answer = await api(c).post<Result>('/v1/callers/promote', { ...bodyOf(values), dryRun: isPreview });
    if (!answer.ok) return render(c, { values, problem: answer.problem });
    if (!isPreview) return seeDone(c, PATH, 'promoted');
    if (answer.value.refusals.length > 0) {
      const detail = 'The callers cannot be named like this.';
      const problem = {
        type: 'about:blank',
        title: 'Refused',
        status: 409,
        code: 'conflict',
        detail,
      } as const;
      return render(c, { values, problem: { ...problem, errors: answer.value.refusals } });
    }
    return preview(c, values, answer.value);
  },
};

async function render(c: PageContext, state: FormState) {
  const path = listPath(c);
  const [found, promotions] = await Promise.all([
    api(c).get<Callers>(path),
    api(c).get<PageOf<z.output<typeof PromotionSchema>>>('/v1/callers/promotions', { limit: 20 }),
  ]);
  if (!found.ok) return problemPage(c, found.problem);
  const { items, chosen, seen, grouped, groups, from } = found.value;
  const isOperator = mayAct(c, 'operator');
  return page(
    c,
    { title: 'Unknown callers', done: DONE, status: state.problem?.status ?? 200 },
    <>
      <p>
        Callers that no key or range identifies, in groups. Each group is judged as if it were one client: the
        minutes of its callers are added up.
      </p>
      <Filter c={c} fields={FIELDS} />
      {chosen === null ? null : (
        <ChosenPanel chosen={chosen} api={path}>
          {isOperator ? <PromotionForm chosen={chosen} from={from} state={state} /> : null}
        </ChosenPanel>
      )}
      {items.length === 0 ? (
        <Empty title="No unknown caller took posts in this time">
          <p>
            {c.req.query('by') === undefined
              ? null
              : 'User agents are known of callers above 0.1 % of the threshold in a day.'}
          </p>
        </Empty>
      ) : (
        <CallerGroups c={c} api={path} items={items} chosen={chosenKeys(c)} isSelectable={isOperator}>
          {`${counted(seen, 'caller')} seen, ${grouped} of them in ${counted(groups, 'group')}.`}
        </CallerGroups>
      )}
      {promotions.ok && promotions.value.items.length > 0 ? (
        <Promotions c={c} items={promotions.value.items} mayUndo={isOperator} />
      ) : null}
    </>,
  );
}

function preview(c: PageContext, values: Readonly<Record<string, string>>, result: Result) {
  const { client, moved } = result;
  const back = `${c.req.path}${new URL(c.req.url).search}`;
  return page(
    c,
    { title: `Name ${counted(moved.callers, 'caller')} as ${client.id}` },
    <Confirmation
      state={FRESH}
      label={`Name ${counted(moved.callers, 'caller')} as ${client.id}`}
      back={back}
      hidden={{ ...values, step: 'confirm' }}
    >
      {moved.callers === 0 ? (
        <Notice tone="info" title="Nothing would move">
          <p>The usage of these callers in this time is already with the client.</p>
        </Notice>
      ) : null}
      <PromotionPreview result={result} />
    </Confirmation>,
  );
}

/** The body of the API from the form's fields. */
function bodyOf({
  callers = '',
  client = '',
  name = '',
  ranges = '',
  from = '',
  reason = '',
}: Record<string, string>) {
  return {
    client: { id: client.trim(), ...(name.trim() === '' ? {} : { name }) },
    callers: words(callers),
    ranges: words(ranges),
    from: utcOf(from),
    reason,
  };
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

function chosenKeys(c: PageContext): readonly string[] {
  return c.req.queries('group') ?? [];
}

function listPath(c: PageContext): string {
  const { by = '', from, to, min = '' } = c.req.query();
  const given = { by, from: utcOf(from) ?? '', to: utcOf(to) ?? '', min };
  const query = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ''));
  for (const key of chosenKeys(c)) query.append('group', key);
  return query.size === 0 ? '/v1/callers' : `/v1/callers?${query}`;
}
