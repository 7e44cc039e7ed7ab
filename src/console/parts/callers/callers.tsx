/** Tables of unknown callers in groups, the sum of the chosen ones, and past promotions. */

import type { PropsWithChildren } from 'hono/jsx';
import type { z } from 'zod';
import type { CallerGroupSchema, CallersSchema } from '../../../admin/routes/callers/callers.ts';
import type { PromotionSchema } from '../../../admin/routes/callers/promotion-schemas.ts';
import type { PageContext } from '../../context.ts';
import { Figure, Figures, Panel } from '../figure.tsx';
import { type Column, DataTable } from '../table.tsx';
import { Count, Moment, Money, None, Share } from '../value.tsx';

type Group = z.output<typeof CallerGroupSchema>;
type Chosen = NonNullable<z.output<typeof CallersSchema>['chosen']>;
type Promotion = z.output<typeof PromotionSchema>;

const FORM = 'choose';
/** Characters of a user agent in a table; its title has all. */
const MAX_SHOWN = 60;

export function CallerGroups(
  props: PropsWithChildren<{
    c: PageContext;
    api: string;
    items: readonly Group[];
    chosen: readonly string[];
    isSelectable: boolean;
  }>,
) {
  const { c, api, items, chosen, isSelectable, children } = props;
  const query = c.req.query();
  return (
    <form method="get" action={c.req.path} id={FORM}>
      {['by', 'from', 'to', 'min'].map((name) =>
        (query[name] ?? '') === '' ? null : <input type="hidden" name={name} value={query[name]} />,
      )}
      <DataTable
        c={c}
        caption="Groups, most posts first"
        api={api}
        columns={isSelectable ? [pick(chosen), ...COLUMNS] : COLUMNS}
        rows={items}
      />
      <p class="buttons">
        {isSelectable ? <button type="submit">Judge the selected as one</button> : null}
        <small>{children}</small>
      </p>
    </form>
  );
}

function pick(chosen: readonly string[]): Column<Group> {
  return {
    head: 'Select',
    cell: ({ key, mayBeNamed }) =>
      mayBeNamed ? (
        <input
          type="checkbox"
          name="group"
          value={key}
          checked={chosen.includes(key)}
          aria-label={`Select ${key}`}
        />
      ) : (
        <small>never billed</small>
      ),
  };
}

const COLUMNS: ReadonlyArray<Column<Group>> = [
  { head: 'Group', field: 'key', cell: ({ key }) => <Stranger text={key === '' ? 'no user agent' : key} /> },
  { head: 'Callers', field: 'callers', isFigure: true, cell: ({ callers }) => <Count value={callers} /> },
  { head: 'Posts as one', field: 'total', isFigure: true, cell: ({ total }) => <Count value={total} /> },
  { head: 'Share', field: 'share', cell: ({ share }) => <Share value={share} /> },
  { head: 'Comes to', isFigure: true, cell: ({ comesTo }) => <ChargedAmounts amounts={comesTo} /> },
  { head: 'Largest', field: 'largest', isFigure: true, cell: ({ largest }) => <Count value={largest} /> },
  { head: 'Networks', field: 'networks', isFigure: true, cell: ({ networks }) => <Count value={networks} /> },
  { head: 'Rhythm', field: 'rhythm', cell: ({ rhythm }) => rhythm },
  { head: 'User agents', cell: (group) => <TopUserAgent group={group} /> },
  { head: 'Routes', cell: ({ routes, total }) => <TopRoute routes={routes} total={total} /> },
];

/** Text that a caller chose: kept apart from the direction of the text around it, and cut. */
function Stranger({ text }: { text: string }) {
  if (text.length <= MAX_SHOWN) return <bdi>{text}</bdi>;
  return <bdi title={text}>{`${Array.from(text).slice(0, MAX_SHOWN).join('')}…`}</bdi>;
}

function TopUserAgent({ group }: { group: Group }) {
  const [first] = group.userAgents;
  if (first === undefined) return <None />;
  return (
    <>
      {group.userAgentsKnown}{' '}
      <small>
        {group.by === 'user_agent' ? null : <Stranger text={first.value === '' ? 'none' : first.value} />}
      </small>
    </>
  );
}

function TopRoute({ routes, total }: Pick<Group, 'routes' | 'total'>) {
  const [first] = routes;
  if (first === undefined || total === 0) return <None />;
  const known = routes.reduce((sum, { posts }) => sum + posts, 0);
  const share = known === 0 ? 0 : Math.round((first.posts / known) * 100);
  return (
    <>
      {first.value === '' ? 'no route' : first.value} <small>{share} %</small>
    </>
  );
}

export function ChargedAmounts({ amounts }: { amounts: Group['comesTo'] }) {
  if (amounts.length === 0) return <None />;
  return (
    <>
      {amounts.map(({ amount, currency }) => (
        <Money amount={amount} currency={currency} />
      ))}
    </>
  );
}

export function ChosenPanel({ chosen, api, children }: PropsWithChildren<{ chosen: Chosen; api: string }>) {
  const at = (pointer: string) => `${api}#/chosen/${pointer}`;
  return (
    <Panel title="The selected groups as one client" id="chosen">
      <Figures label="As one client, each caller once">
        <Figure label="Callers">
          <Count value={chosen.callers} api={at('callers')} />
        </Figure>
        <Figure label="Posts">
          <Count value={chosen.total} api={at('total')} />
        </Figure>
        <Figure label="Largest window">
          <Share value={chosen.share} api={at('share')} />
        </Figure>
        <Figure label="Breaches">
          <Count value={chosen.breaches} api={at('breaches')} />
        </Figure>
        <Figure label="Comes to">
          <ChargedAmounts amounts={chosen.comesTo} />
        </Figure>
      </Figures>
      {children}
    </Panel>
  );
}

export function Promotions(props: { c: PageContext; items: readonly Promotion[]; mayUndo: boolean }) {
  const { c, items, mayUndo } = props;
  const undo: Column<Promotion> = {
    head: 'Undo',
    cell: ({ id, undoneAt, undoneBy }) =>
      undoneAt === null ? (
        mayUndo ? (
          <a href={`/callers/promotions/${id}`}>Undo</a>
        ) : (
          <None />
        )
      ) : (
        <small>
          undone <Moment at={undoneAt} /> by {undoneBy}
        </small>
      ),
  };
  return (
    <Panel title="Named as one client">
      <DataTable
        c={c}
        caption="Newest first"
        api="/v1/callers/promotions?limit=20"
        columns={[...PROMOTION_COLUMNS, undo]}
        rows={items}
        keyOf={({ id }) => id}
      />
    </Panel>
  );
}

const PROMOTION_COLUMNS: ReadonlyArray<Column<Promotion>> = [
  { head: 'Time (UTC)', field: 'at', cell: ({ at }) => <Moment at={at} /> },
  {
    head: 'Client',
    field: 'clientId',
    cell: ({ clientId }) => <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>,
  },
  { head: 'Callers', field: 'callers', isFigure: true, cell: ({ callers }) => <Count value={callers} /> },
  { head: 'Posts moved', field: 'posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
  { head: 'From', field: 'from', cell: ({ from }) => <Moment at={from} /> },
  { head: 'By', field: 'actor', cell: ({ actor }) => actor },
  { head: 'Reason', field: 'reason', cell: ({ reason }) => reason },
];
