/** What a client's usage comes to under each reading of the clause, side by side. */

import type { PageContext } from '../../context.ts';
import { Panel } from '../../parts/figure.tsx';
import { Empty, ProblemNotice } from '../../parts/notice.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Count, Moment, Money } from '../../parts/value.tsx';
import type { ClientData, ReadingsJson } from './data.ts';

type Combination = ReadingsJson['combinations'][number];
type Reading = ReadingsJson['readings'][number];

const BASES = { all: 'All posts of the breach', excess: 'Only posts beyond the threshold' } as const;
const ROUNDINGS = ['prorated', 'completed', 'started'] as const;

export function ReadingsPanel({ c, data }: { c: PageContext; data: ClientData }) {
  const { readings } = data;
  if (!readings.ok) {
    return (
      <Panel title="What it comes to">
        <ProblemNotice problem={readings.problem} hasFocus={false} />
      </Panel>
    );
  }
  const { value } = readings;
  return (
    <Panel title="What it comes to" aside={<TryElsewhere c={c} data={data} />}>
      <p>
        <Count value={value.posts} unit="posts" /> from <Moment at={value.from} /> to <Moment at={value.to} />
        , {value.isGiven ? 'under the given terms.' : 'under the tariff in force.'}
      </p>
      {value.combinations.length === 0 ? (
        <Empty title="No tariff that charges is in force in this range" />
      ) : (
        <>
          <DataTable
            c={c}
            caption="Amount by basis and rounding. The one in use is marked."
            columns={COMBINATION_COLUMNS}
            rows={rowsOf(value.combinations)}
          />
          <DataTable
            c={c}
            caption="Other readings: each changes one thing"
            columns={READING_COLUMNS}
            rows={value.readings}
          />
        </>
      )}
    </Panel>
  );
}

/** The combinations of one basis and currency, by their rounding. */
interface BasisRow {
  readonly basis: Combination['basis'];
  readonly of: readonly Combination[];
}

function rowsOf(combinations: readonly Combination[]): BasisRow[] {
  const currencies = [...new Set(combinations.map(({ currency }) => currency))];
  return currencies.flatMap((currency) =>
    (['all', 'excess'] as const).map((basis) => ({
      basis,
      of: combinations.filter((one) => one.basis === basis && one.currency === currency),
    })),
  );
}

const COMBINATION_COLUMNS: ReadonlyArray<Column<BasisRow>> = [
  { head: 'Posts that are owed for', cell: ({ basis }) => BASES[basis] },
  { head: 'Posts', isFigure: true, cell: ({ of }) => <Count value={of[0]?.posts ?? null} /> },
  ...ROUNDINGS.map(
    (rounding): Column<BasisRow> => ({
      head: rounding.charAt(0).toUpperCase() + rounding.slice(1),
      isFigure: true,
      cell: ({ of }) => <Cell one={of.find((each) => each.rounding === rounding)} />,
    }),
  ),
];

function Cell({ one }: { one: Combination | undefined }) {
  if (one === undefined) return null;
  const money = <Money amount={one.amount} currency={one.currency} />;
  return one.isUsed ? (
    <mark>
      {money}
      <span class="hidden"> in use</span>
    </mark>
  ) : (
    money
  );
}

const READING_COLUMNS: ReadonlyArray<Column<Reading>> = [
  { head: 'Reading', cell: ({ sentence }) => <p class="wide">{sentence}</p> },
  { head: 'Posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
  {
    ...{ head: 'Amount', isFigure: true },
    cell: ({ amount, currency }) => <Money amount={amount} currency={currency} />,
  },
];

/** A link to the what-if page with the terms that are tried here. */
function TryElsewhere({ c, data }: { c: PageContext; data: ClientData }) {
  const { threshold = '', price = '', block = '', currency = '' } = c.req.query();
  const given = {
    ...(threshold === '' ? {} : { threshold: Number(threshold) }),
    ...(block === '' ? {} : { block: Number(block) }),
    ...(price === '' ? {} : { price }),
    ...(currency === '' ? {} : { currency }),
  };
  const terms =
    Object.keys(given).length === 0 ? {} : { terms: JSON.stringify({ kind: 'damages', ...given }) };
  return <a href={`/what-if?${new URLSearchParams({ client: data.client.id, ...terms })}`}>Try in what-if</a>;
}
