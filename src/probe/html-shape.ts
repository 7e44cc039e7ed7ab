/** Proposes selectors for an HTML page: by common post markup, and by siblings that look alike. */

import { type CheerioAPI, load } from 'cheerio';
import type { Proposal } from './page.ts';

const THEME =
  'the selector depends on the markup of this theme: check that it matches all pages of this site';

/** Common post markup, from the most to the least specific. */
const MARKS: ReadonlyArray<{ readonly html: string; readonly doubts: readonly string[] }> = [
  { html: '.type-post', doubts: [THEME] },
  { html: '.h-entry', doubts: [] },
  { html: '[itemtype$=Posting]', doubts: [THEME] },
  { html: 'article', doubts: [THEME, 'comments are often <article> too'] },
];

const JSON_LD: Proposal = {
  format: 'html',
  posts: [
    { jsonld: ['BlogPosting', 'SocialMediaPosting', 'NewsArticle', 'Article', 'DiscussionForumPosting'] },
  ],
  doubts: ['pages often describe only some of their posts in JSON-LD'],
};

/** Ordered from the most to the least specific. */
export function htmlProposals(text: string): readonly Proposal[] {
  const page = load(text);
  const marked = MARKS.map(({ html, doubts }) => proposalFor(page, html, doubts));
  const repeated = repeatedIn(page);
  return [
    ...marked.slice(0, 2),
    JSON_LD,
    ...marked.slice(2),
    ...(repeated === null ? [] : [proposalFor(page, repeated, [THEME, REPEATED])]),
  ];
}

const REPEATED = 'the posts have no specific markup: the selector matches similar elements that contain text';

function proposalFor(page: CheerioAPI, html: string, doubts: readonly string[]): Proposal {
  const id = idOf([...page(html)].map((element) => page(element).attr() ?? {}));
  return {
    format: 'html',
    posts: [{ html, ...(id === undefined ? {} : { id }) }],
    doubts:
      id === undefined ? [...doubts, `no id was found in ${html}: unique posts cannot be counted`] : doubts,
  };
}

type Attributes = Readonly<Record<string, string>>;

/** An attribute, or a word of the class, that every element has and no two elements share. */
export function idOf(elements: readonly Attributes[]): string | undefined {
  const [first] = elements;
  if (first === undefined) return undefined;
  // With a single element only a number indicates that the value is unique.
  const isOne = (value: string | undefined): boolean =>
    value !== undefined && value !== '' && (elements.length > 1 || /\d/.test(value));
  const isUnique = (values: readonly (string | undefined)[]): boolean =>
    values.every(isOne) && new Set(values).size === values.length;
  const names = Object.keys(first)
    .filter((name) => /^(?:id|name|itemid|about|data-[a-z0-9-]+)$/.test(name))
    .sort((a, b) => rankOf(a) - rankOf(b));
  const attribute = names.find((name) => isUnique(elements.map((element) => element[name])));
  if (attribute !== undefined) return attribute;
  for (const word of (first.class ?? '').split(/\s+/)) {
    const beginning = /^([A-Za-z_-]+[-_])\d+$/.exec(word)?.[1];
    if (beginning === undefined) continue;
    const words = elements.map((element) =>
      element.class?.split(/\s+/).find((one) => one.startsWith(beginning)),
    );
    if (isUnique(words)) return `class^=${beginning}`;
  }
  return undefined;
}

function rankOf(name: string): number {
  if (/^data-.*id$/.test(name)) return 0;
  return name === 'id' ? 1 : 2;
}

/** Fewer similar siblings may be columns of a layout. */
const MIN_SIBLINGS = 3;
/** Shorter texts are menu entries. */
const MIN_TEXT_LENGTH = 40;
/** A menu consists of links; at most this share of a post's text may be in links. */
const MAX_LINK_SHARE = 0.8;

/** The selector of the similar siblings that contain the most text; null if there are none. */
function repeatedIn(page: CheerioAPI): string | null {
  let best: { readonly selector: string; readonly length: number } | null = null;
  for (const parent of page('body, body *')) {
    const { parentNode } = parent;
    if (parentNode === null || page(parent).closest('nav, header, footer, aside, form, select').length > 0)
      continue;
    for (const [selector, elements] of alikeIn(page, parent)) {
      const texts = elements.map((element) => page(element).text().trim().length);
      const long = texts.filter((length) => length >= MIN_TEXT_LENGTH).length;
      if (elements.length < MIN_SIBLINGS || 2 * long < elements.length) continue;
      const length = texts.reduce((sum, one) => sum + one, 0);
      const links = page(parent).find(selector).find('a').text().trim().length;
      // The selector must not match other things elsewhere.
      if (links > MAX_LINK_SHARE * length || page(selector).length > 2 * elements.length) continue;
      if (best === null || length > best.length) best = { selector, length };
    }
  }
  return best?.selector ?? null;
}

type Element = ReturnType<ReturnType<CheerioAPI>['children']>[number];

/** Groups the children of an element by what they share: their tag with each class, or with a data attribute. */
function alikeIn(page: CheerioAPI, parent: Element): Map<string, Element[]> {
  const groups = new Map<string, Element[]>();
  for (const child of page(parent).children()) {
    const tag = child.tagName.toLowerCase();
    const attributes = page(child).attr() ?? {};
    const classes = (attributes.class ?? '')
      .split(/\s+/)
      .filter((name) => /^[A-Za-z][\w-]*$/.test(name) && !/\d$/.test(name));
    const data = Object.keys(attributes).filter((name) => /^data-[a-z0-9-]*id$/.test(name));
    for (const selector of [
      ...classes.map((name) => `${tag}.${name}`),
      ...data.map((name) => `${tag}[${name}]`),
    ]) {
      groups.set(selector, [...(groups.get(selector) ?? []), child]);
    }
  }
  return groups;
}
