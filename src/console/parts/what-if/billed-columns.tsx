/** The columns of what a reading or a threshold comes to: billed posts and their amount. */

import type { Column } from '../table.tsx';
import { Count, Money } from '../value.tsx';

interface Billed {
  readonly billedPosts: number;
  readonly amount: string;
}

export function billedColumns(currency: string): ReadonlyArray<Column<Billed>> {
  return [
    {
      head: 'Billed posts',
      field: 'billedPosts',
      isFigure: true,
      cell: ({ billedPosts }) => <Count value={billedPosts} />,
    },
    {
      head: 'Amount',
      field: 'amount',
      isFigure: true,
      cell: ({ amount }) => <Money amount={amount} currency={currency} />,
    },
  ];
}
