/** Both counts in workerd, beside Node's and that of the page's tree. */

import { load } from 'cheerio';
import { afterAll, beforeAll } from 'vitest';
import { bytesOf, countPage, cutsOf, planOf } from '../count/html/pages.ts';
import type { RewriterEntry } from './html-rewriter.ts';
import { type HtmlRig, type PageToCount, startHtmlRig } from './html-rig.ts';
import type { PageAnswer } from './html-worker.ts';

/** Starts workerd for a file of tests, and asks it of a page. */
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

/** Posts as Node counts them. */
export function onNode(page: string, html: string, not?: string): number {
  return countPage(planOf({ ...entryOf(html, not) }), cutsOf(bytesOf(page), 61)).items[0]!;
}

/** Posts in the page's tree, which parse5 builds after the HTML standard. */
export function inTree(page: string, html: string, not?: string): number {
  const $ = load(page);
  return $(html).filter((_, element) => not === undefined || $(element).closest(not).length === 0).length;
}
