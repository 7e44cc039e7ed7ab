/**
 * No post in two lines that stand: of the posts of a client in any stretch of time, no more are billed than were
 * served. A line says how many posts of a stretch it bills and not which, so every stretch is looked at that lines
 * begin and end: where the lines within each fit into what was served in it, each can have posts of its own.
 */

import { isLess, lessLine } from '../invoice/lines.ts';
import type { Invoice, InvoiceLine } from '../invoice/model.ts';
import { between, type PostsAt, sumOf } from '../tariff/posts.ts';

export interface OverBilled {
  readonly fromMs: number;
  readonly toMs: number;
  readonly billedPosts: number;
  readonly servedPosts: number;
}

/** `invoices` of one client; `served` sorted by bucket. */
export function overBilled(invoices: readonly Invoice[], served: readonly PostsAt[]): OverBilled[] {
  const taken = new Set(
    invoices.flatMap(({ lines }) => lines.filter(isLess).map((line) => line.description)),
  );
  const standing = invoices.filter(
    (invoice) =>
      invoice.status !== 'rejected' && (invoice.number === null || !taken.has(lessLine(invoice).description)),
  );
  const lines = standing.flatMap((invoice) => invoice.lines.filter((line) => !isLess(line)));
  return groupsOf(lines).flatMap((group) => overBilledIn(group, served));
}

/** Lines that overlap, one with another. */
function groupsOf(lines: readonly InvoiceLine[]): InvoiceLine[][] {
  const groups: InvoiceLine[][] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (const line of lines.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (line.fromMs < endMs) groups.at(-1)!.push(line);
    else groups.push([line]);
    endMs = Math.max(endMs, line.toMs);
  }
  return groups;
}

/** The widest stretch of the group with too many posts, if there is one. */
function overBilledIn(group: readonly InvoiceLine[], served: readonly PostsAt[]): OverBilled[] {
  const starts = [...new Set(group.map((line) => line.fromMs))].sort((a, b) => a - b);
  const ends = [...new Set(group.map((line) => line.toMs))].sort((a, b) => b - a);
  for (const fromMs of starts) {
    for (const toMs of ends) {
      const within = group.filter((line) => line.fromMs >= fromMs && line.toMs <= toMs);
      const billedPosts = within.reduce((sum, line) => sum + line.posts, 0);
      const servedPosts = billedPosts === 0 ? 0 : sumOf(between(served, fromMs, toMs));
      if (billedPosts > servedPosts) return [{ fromMs, toMs, billedPosts, servedPosts }];
    }
  }
  return [];
}
