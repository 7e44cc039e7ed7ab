/** Collection: what each level of dunning brought in, and what was written off. */

import { daysBetween, utcDateOf } from '../../receivable/date.ts';
import { groupedBy, owedAt, reversedOn, sumOfMinor } from './book.ts';
import { amountColumn, CLIENT, CURRENCY, countColumn, textColumn, unsummed } from './columns.ts';
import type { BookedDocument, BookedEntry, ReportQuery } from './port.ts';
import { reportOf } from './report.ts';

/** Days after a level in which a payment or a dispute is counted for it. */
const ANSWER_DAYS = 14;

interface CollectionRow {
  readonly level: number;
  readonly currency: string;
  readonly reached: number;
  /** Owed when the level was reached. */
  readonly owedMinor: bigint;
  readonly paid: number;
  readonly disputed: number;
}

/** One row for each level and currency, of the levels that invoices reached from `from` to `to`. */
function collectionRows(
  documents: readonly BookedDocument[],
  { from, to, asAt }: ReportQuery,
): CollectionRow[] {
  const reached = documents.flatMap((document) =>
    document.dunnings
      .filter(({ on }) => on >= from && on <= to && on <= asAt)
      .map(({ level, on }) => ({ document, level, on })),
  );
  const groups = groupedBy(reached, ({ document, level }) => [
    String(level).padStart(3, '0'),
    document.currency,
  ]);
  return groups.map((group) => ({
    ...{ level: group[0]!.level, currency: group[0]!.document.currency, reached: group.length },
    owedMinor: sumOfMinor(group, ({ document, on }) => owedAt(document, on)),
    paid: group.filter(({ document, on }) => isPaidAfter(document, on, asAt)).length,
    disputed: group.filter(({ document, on }) =>
      document.disputes.some(({ openedOn }) => isAnswer(on, openedOn, asAt)),
    ).length,
  }));
}

function isPaidAfter(document: BookedDocument, on: string, asAt: string): boolean {
  const end = utcDateOf(Date.parse(on) + ANSWER_DAYS * 86_400_000);
  const hasPayment = document.entries.some(
    ({ kind, effectiveOn }) => kind === 'payment' && isAnswer(on, effectiveOn, asAt),
  );
  return hasPayment && owedAt(document, end < asAt ? end : asAt) === 0n;
}

function isAnswer(on: string, day: string, asAt: string): boolean {
  const days = daysBetween(on, day);
  return days >= 0 && days <= ANSWER_DAYS && day <= asAt;
}

export const collectionReport = reportOf<CollectionRow>({
  title: 'Collection',
  question: 'What does each level of dunning bring in?',
  formula: [
    'Reached: invoices that reached the level in the range. Owed: what was owed on them at the end of that day.',
    `Paid: of these, invoices on which a payment took effect from that day to ${ANSWER_DAYS} days later, and on which nothing was owed at the end of these days.`,
    `Disputed: of these, invoices on which a dispute was opened from that day to ${ANSWER_DAYS} days later.`,
    'What happened after the date "as at" does not count.',
  ],
  parameters: ['range', 'asAt', 'currency', 'seller', 'client'],
  chart: null,
  columns: [
    unsummed(countColumn('level', 'Level', (row) => row.level)),
    CURRENCY,
    countColumn('reached', 'Reached', (row) => row.reached),
    amountColumn('owed', 'Owed', (row) => row.owedMinor),
    countColumn('paid', `Paid within ${ANSWER_DAYS} days`, (row) => row.paid),
    countColumn('disputed', `Disputed within ${ANSWER_DAYS} days`, (row) => row.disputed),
  ],
  async *rows(books, query) {
    yield collectionRows(await books.documents(query, { activeSince: query.from }), query);
  },
});

interface WriteOffRow
  extends Pick<BookedDocument, 'number' | 'clientId' | 'clientName' | 'currency'>,
    Pick<BookedEntry, 'actor' | 'reason'> {
  readonly on: string;
  readonly amountMinor: bigint;
  readonly reversedOn: string | null;
}

/** The write-offs that took effect from `from` to `to`, by day. */
function writeOffRows(documents: readonly BookedDocument[], { from, to, asAt }: ReportQuery): WriteOffRow[] {
  const rows = documents.flatMap((document) =>
    document.entries
      .filter(({ kind, effectiveOn: on }) => kind === 'write_off' && on >= from && on <= to && on <= asAt)
      .map((entry) => {
        const { number, clientId, clientName, currency } = document;
        const { actor, reason, effectiveOn, amountMinor } = entry;
        return {
          ...{ number, clientId, clientName, currency, actor, reason },
          ...{ on: effectiveOn, amountMinor: -amountMinor, reversedOn: reversedOn(document, entry, asAt) },
        };
      }),
  );
  return groupedBy(rows, ({ on, number }) => [on, number]).flat();
}

export const writeOffReport = reportOf<WriteOffRow>({
  title: 'Write-offs',
  question: 'What was given up, and why?',
  formula: [
    'Each write-off that took effect in the range, until the date "as at", with its reason.',
    'Reversed: the day on which it was taken back, for example because the invoice was paid after all.',
  ],
  parameters: ['range', 'asAt', 'currency', 'seller', 'client'],
  chart: null,
  columns: [
    { ...{ name: 'on', label: 'Date', kind: 'date', isSummed: false }, cell: ({ on }) => on },
    {
      ...{ name: 'invoice', label: 'Invoice', kind: 'document', isSummed: false },
      cell: ({ number }) => number,
    },
    ...CLIENT,
    CURRENCY,
    amountColumn('amount', 'Amount', (row) => row.amountMinor),
    textColumn('reason', 'Reason', ({ reason }) => reason),
    textColumn('actor', 'By', ({ actor }) => actor),
    {
      ...{ name: 'reversedOn', label: 'Reversed', kind: 'date', isSummed: false },
      cell: (row) => row.reversedOn,
    },
  ],
  async *rows(books, query) {
    yield writeOffRows(await books.documents(query, { activeSince: query.from }), query);
  },
});
