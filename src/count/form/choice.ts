/**
 * Selects the rules that may read a body of a media type. Servers send JSON as HTML, feeds as text and pages as JSON:
 * if rules for several forms match a request, the body decides which rule reads it.
 */

import type { CountedRule, RouteMatch, Rule } from '../route/rule.ts';
import type { BodyForm } from './body-form.ts';

/** The rule that reads a body of each form; undefined if such a body holds no posts. */
export type RuleByForm = Readonly<Record<BodyForm, CountedRule | undefined>>;

/** Media types that do not determine the form, in addition to unknown kinds. */
const ANY_FORM = new Set([
  ...['html', 'plain', 'xml', 'json', 'x-json', 'unknown'].map((name) => `text/${name}`),
  ...['json', 'x-json', 'xml', 'xhtml+xml', 'rss+xml', 'atom+xml', 'rdf+xml', 'octet-stream', 'unknown'].map(
    (name) => `application/${name}`,
  ),
]);
const UNKNOWN_KIND = /^(?:[^/]*$|unknown\/|binary\/|\*\/)/;
const SCRIPT = /^(?:text|application)\/(?:x-)?(?:java|ecma)script$/;
const PLAIN_JSON = 'application/json';

/** Formats that may also read bodies of other media types, with their form. */
const FORMS: Readonly<Partial<Record<Rule['format'], BodyForm>>> = {
  json: 'json',
  jsonp: 'json',
  feed: 'xml',
  xml: 'xml',
  html: 'html',
};

/**
 * The rules by form of the body; only the rule for the media type if no other can match.
 * @param typed the rule for the media type.
 * @returns undefined if no body of this type holds posts.
 */
export function rulesByForm(
  match: RouteMatch,
  typed: CountedRule | undefined,
  contentType: string | undefined,
): RuleByForm | CountedRule | undefined {
  if (typed !== undefined && FORMS[typed.format] === undefined) return typed;
  // No other rule can hold.
  if (match.length === 1 && isForJson(typed)) return typed;
  const mediaType = (contentType?.split(';', 1)[0] ?? '').trim().toLowerCase();
  const isScript = SCRIPT.test(mediaType);
  const mayBeAny = isScript || ANY_FORM.has(mediaType) || UNKNOWN_KIND.test(mediaType);
  if (typed === undefined && !mayBeAny) return undefined;
  const last = match.findIndex(({ format, contentType }) => format === 'none' && contentType === null);
  const reached = last === -1 ? match : match.slice(0, last);
  const ruleFor = (form: BodyForm) => {
    if (typed !== undefined && FORMS[typed.format] === form) return typed;
    return reached.find((rule): rule is CountedRule => FORMS[rule.format] === form);
  };
  // A rule for another JSON type, such as application/activity+json, does not read plain JSON.
  const isOtherJson = mediaType === PLAIN_JSON && !isForJson(typed);
  const json = isOtherJson ? undefined : ruleFor('json');
  const xml = isScript ? undefined : ruleFor('xml');
  const html = isScript ? undefined : ruleFor('html');
  const rules = [json, xml, html].filter((rule) => rule !== undefined);
  if (rules.length === 0) return undefined;
  if (typed !== undefined && rules.every((rule) => rule === typed)) return typed;
  // A feed may also be JSON: a route for any body recognises it by its version member.
  const feed = xml?.format === 'feed' && xml.plan.isOptional ? xml : undefined;
  return {
    json: json ?? typed ?? feed,
    xml: xml ?? typed,
    html: html ?? typed,
    fragment: typed ?? html ?? json,
    text: typed ?? json,
    bytes: typed,
  };
}

function isForJson(rule: Rule | undefined): boolean {
  return rule !== undefined && FORMS[rule.format] === 'json';
}
