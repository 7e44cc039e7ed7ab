/**
 * Checks that no post is billed twice: in any span of time, valid lines bill at most the posts served. A line
 * states how many posts of a span it bills, not which. So every span between a start and an end of lines is
 * checked: if the lines within each fit into the posts served in it, each line can have posts of its own.
 */

import type { Invoice, InvoiceLine } from '../invoice/model.ts';
import { between, type PostsAt, sumOf } from '../tariff/posts.ts';

export interface OverBilling {
  readonly fromMs: number;
  readonly toMs: number;
  readonly billedPosts: number;
  readonly servedPosts: number;
}

/** `invoices` must belong to one client; `served` must be sorted by bucket. */
export function overBilled(invoices: readonly Invoice[], served: readonly PostsAt[]): OverBilling[] {
  const offset = new Set(invoices.flatMap(({ lines }) => lines.map((line) => line.offsetsInvoiceId)));
  const valid = invoices.filter(({ id, status }) => status !== 'rejected' && !offset.has(id));
  const lines = valid.flatMap((invoice) => invoice.lines.filter(({ kind }) => kind === 'charge'));
  return groupsOf(lines).flatMap((group) => overBilledIn(group, served));
}

/** Groups lines that overlap, directly or through others. */
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

/** Returns the widest span of the group with too many posts, if any. */
function overBilledIn(group: readonly InvoiceLine[], served: readonly PostsAt[]): OverBilling[] {
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
