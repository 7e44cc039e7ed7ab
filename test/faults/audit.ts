/** Audits the books with its own SQL and arithmetic, and reports each difference from the usage in the ledger. */

import { withLedger } from './books.ts';

/** The only tariff of the audited ledger: buckets of a second, basis "all", prorated. */
export interface AuditedTariff {
  readonly threshold: number;
  readonly windowSeconds: number;
  readonly minorPerPost: number;
}

interface Stretch {
  readonly from: number;
  to: number;
  posts: number;
}

/**
 * Returns an empty list if every post is billed once or not at all, according to the rule, and the numbers have no
 * gap.
 */
export async function auditBooks(url: string, tariff: AuditedTariff): Promise<string[]> {
  const [usage, breaches, invoiced, numbers] = await withLedger(url, (sql) =>
    Promise.all([
      sql<{ id: string; at: number; posts: number }[]>`
        select client_id as id, extract(epoch from bucket_at)::int as at, sum(posts)::int as posts
        from usage where posts > 0 group by 1, 2 order by 1, 2`,
      sql<{ id: string; posts: number; billed: number }[]>`
        select client_id as id, posts::int, billed_posts::int as billed
        from breaches where state <> 'void' order by client_id, stretch_from`,
      sql<{ id: string; posts: number; minor: number }[]>`
        select i.client_id as id, sum(l.posts)::int as posts, sum(l.amount_minor)::int as minor
        from invoices i join invoice_lines l on l.invoice_id = i.id where i.status <> 'void' group by 1`,
      sql<{ number: number }[]>`
        select number::int from invoices where number is not null order by number`,
    ]),
  );
  const faults: string[] = [];
  const expect = (what: string, found: unknown, right: unknown): void => {
    if (`${found}` !== `${right}`) faults.push(`${what}: ${found}, should be ${right}`);
  };
  for (const [id, posts] of byClient(usage)) {
    const stretches = stretchesOf(posts, tariff);
    const ofClient = breaches.filter((breach) => breach.id === id);
    const bill = invoiced.find((one) => one.id === id) ?? { posts: 0, minor: 0 };
    const inside = sum(stretches.map((stretch) => stretch.posts));
    const outside = sum([...posts].filter(([at]) => !stretches.some(holds(at))).map(([, count]) => count));
    const right = stretches.map((stretch) => stretch.posts);
    expect(
      `${id}: posts in breaches`,
      ofClient.map((breach) => breach.posts),
      right,
    );
    expect(
      `${id}: billed posts of breaches`,
      ofClient.map((breach) => breach.billed),
      right,
    );
    expect(`${id}: invoiced posts`, bill.posts, inside);
    expect(`${id}: invoiced amount`, bill.minor, inside * tariff.minorPerPost);
    expect(`${id}: invoiced and not invoiced posts`, bill.posts + outside, sum([...posts.values()]));
  }
  expect(
    'numbers of invoices',
    numbers.map(({ number }) => number),
    numbers.map((_, at) => at + 1),
  );
  return faults;
}

/** Issued invoices with their lines as text, so that a later comparison is exact. */
export function issuedInvoices(url: string): Promise<Map<string, string>> {
  return withLedger(url, async (sql) => {
    const rows = await sql<{ id: string; whole: string }[]>`
      select i.id, jsonb_build_array(to_jsonb(i), (
        select jsonb_agg(to_jsonb(l) order by l.position) from invoice_lines l where l.invoice_id = i.id))::text as whole
      from invoices i where i.status = 'issued'`;
    return new Map(rows.map(({ id, whole }) => [id, whole]));
  });
}

/** Visits every second at which a window can end. */
function stretchesOf(posts: ReadonlyMap<number, number>, tariff: AuditedTariff): Stretch[] {
  const { threshold, windowSeconds } = tariff;
  const seconds = [...posts.keys()];
  const stretches: Stretch[] = [];
  for (let end = Math.min(...seconds) + 1; end <= Math.max(...seconds) + windowSeconds; end++) {
    const from = end - windowSeconds;
    if (postsIn(posts, from, end) <= threshold) continue;
    const last = stretches.at(-1);
    if (last !== undefined && last.to >= from) last.to = end;
    else stretches.push({ from, to: end, posts: 0 });
  }
  for (const stretch of stretches) stretch.posts = postsIn(posts, stretch.from, stretch.to);
  return stretches;
}

const holds =
  (at: number) =>
  ({ from, to }: Stretch): boolean =>
    from <= at && at < to;

function postsIn(posts: ReadonlyMap<number, number>, from: number, to: number): number {
  let found = 0;
  for (let at = from; at < to; at++) found += posts.get(at) ?? 0;
  return found;
}

function byClient(usage: ReadonlyArray<{ id: string; at: number; posts: number }>) {
  const clients = new Map<string, Map<number, number>>();
  for (const { id, at, posts } of usage) {
    const ofClient = clients.get(id) ?? new Map<number, number>();
    clients.set(id, ofClient.set(at, posts));
  }
  return clients;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
