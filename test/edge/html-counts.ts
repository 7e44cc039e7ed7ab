/** Counts a page in workerd (by our scanner and by HTMLRewriter), on Node, and in the page's tree. */

import { load } from 'cheerio';
import { afterAll, beforeAll } from 'vitest';
import { bytesOf, countPage, cutsOf, planOf } from '../count/html/pages.ts';
import type { RewriterEntry } from './html-rewriter.ts';
import { type HtmlRig, type PageToCount, startHtmlRig } from './html-rig.ts';
import type { PageAnswer } from './html-worker.ts';

/** Starts workerd for a test file. Returns a function that counts a page there. */
export function pagesInWorkerd(): (page: PageToCount) => Promise<PageAnswer> {
  let rig: HtmlRig;
  beforeAll(async () => {
    rig = await startHtmlRig();
  });
  afterAll(() => rig.stop());
  return (page) => rig.count(page);
}

export function entryOf(html: string, not: string | undefined): RewriterEntry {
  return not === undefined ? { html } : { html, not };
}

/** Counts posts on Node. */
export function onNode(page: string, html: string, not?: string): number {
  return countPage(planOf({ ...entryOf(html, not) }), cutsOf(bytesOf(page), 61)).items[0]!;
}

/** Counts posts in the page's tree, which parse5 builds by the HTML standard. */
export function inTree(page: string, html: string, not?: string): number {
  const $ = load(page);
  return $(html).filter((_, element) => not === undefined || $(element).closest(not).length === 0).length;
}
