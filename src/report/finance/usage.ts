/** Usage by month and client, as it was metered, with its breaches. */

import type { UniqueCount } from '../../meter/unique/count.ts';
import { utcDateOf } from '../../receivable/date.ts';
import { sumOfDays, uniqueView } from '../unique.ts';
import { monthOfDate } from './book.ts';
import { CLIENT, countColumn, MONTH, unsummed } from './columns.ts';
import type { ClientMonths, MonthUsage } from './port.ts';
import { reportOf } from './report.ts';

interface UsageRow extends MonthUsage, Pick<ClientMonths, 'clientId' | 'clientName'> {
  readonly unique: UniqueCount | null;
}

/** One row for each client and month. Unique posts are the sum of those of its days. */
function usageRows(clients: readonly ClientMonths[]): UsageRow[] {
  return clients.flatMap(({ clientId, clientName, months, uniqueDays }) =>
    months.map((month) => ({
      ...{ clientId, clientName, ...month },
      unique: sumOfDays(uniqueDays.filter(({ dayMs }) => monthOfDate(utcDateOf(dayMs)) === month.month)),
    })),
  );
}

export const usageReport = reportOf<UsageRow>({
  title: 'Usage',
  question: 'What was each client served in each month?',
  formula: [
    'Posts, requests and uncounted responses: sums of metered usage of the days in the range.',
    'Unique: sum of the distinct posts of each UTC day, by their ids. Error: its relative standard error; 0 is exact. Posts without an id are counted apart, as often as they were served.',
    'Breaches: those that began in the month. Peak: the highest total of a window in a breach that peaked in the month.',
  ],
  parameters: ['range', 'client'],
  chart: { isByMonth: true, values: ['posts'] },
  columns: [
    ...CLIENT,
    MONTH,
    countColumn('posts', 'Posts', (row) => row.posts),
    countColumn('uniquePosts', 'Unique', ({ unique }) => unique?.posts ?? null),
    {
      ...{ name: 'uniqueStandardError', label: 'Error', kind: 'decimal', isSummed: false },
      cell: ({ unique }) => (unique === null ? null : String(uniqueView(unique).standardError)),
    },
    countColumn('postsWithoutId', 'Without id', ({ unique }) => unique?.withoutId ?? null),
    countColumn('requests', 'Requests', (row) => row.requests),
    countColumn('uncounted', 'Uncounted', (row) => row.uncounted),
    countColumn('breaches', 'Breaches', (row) => row.breaches),
    unsummed(countColumn('peak', 'Peak', (row) => row.peakPosts)),
  ],
  async *rows(books, { clientId, from, to }) {
    for await (const part of books.usage(clientId, from, to)) yield usageRows(part);
  },
});
