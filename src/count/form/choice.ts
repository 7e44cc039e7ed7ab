/**
 * Which rules may read a body of a media type. Servers send JSON as HTML, feeds as text and pages as JSON: where rules
 * for several forms hold for a request, the body says which of them reads it.
 */

import type { CountedRule, RouteMatch, Rule } from '../route/rule.ts';
import type { BodyForm } from './body-form.ts';

/** What reads a body of each form; undefined if it holds no posts then. */
export type RuleByForm = Readonly<Record<BodyForm, CountedRule | undefined>>;

/** Media types that say nothing of the form for certain. */
const ANY_FORM =
  /^\s*(?:[^/]*$|(?:text\/(?:html|plain|xml|(?:x-)?json|unknown)|application\/(?:json|x-json|xml|xhtml\+xml|(?:rss|atom|rdf)\+xml|octet-stream|unknown)|(?:unknown|binary)\/[\w.-]+|\*\/\*)\s*(?:;|$))/i;
const SCRIPT = /^\s*(?:text|application)\/(?:x-)?(?:java|ecma)script\s*(?:;|$)/i;

const PLAIN_JSON = /^\s*application\/json\s*(?:;|$)/i;

/** Formats that a rule of a media type leaves to the body. */
const FORMS: Readonly<Partial<Record<Rule['format'], BodyForm>>> = {
  json: 'json',
  jsonp: 'json',
  feed: 'xml',
  xml: 'xml',
  html: 'html',
};

/**
 * The rules by the form of the body; the rule for the media type itself if no other can hold.
 * @param typed the rule for the media type.
 * @returns undefined if no body of this type holds posts.
 */
export function rulesByForm(
  match: RouteMatch,
  typed: CountedRule | undefined,
  contentType: string | undefined,
): RuleByForm | CountedRule | undefined {
  if (typed !== undefined && FORMS[typed.format] === undefined) return typed;
  const isScript = contentType !== undefined && SCRIPT.test(contentType);
  if (typed === undefined && !isScript && contentType !== undefined && !ANY_FORM.test(contentType))
    return undefined;
  const last = match.findIndex(({ format, contentType }) => format === 'none' && contentType === null);
  const reached = last === -1 ? match : match.slice(0, last);
  const ruleFor = (form: BodyForm) => {
    if (typed !== undefined && FORMS[typed.format] === form) return typed;
    return reached.find((rule): rule is CountedRule => FORMS[rule.format] === form);
  };
  // Of a plain JSON type a rule for another one, such as application/activity+json, says: not this JSON.
  const isOtherJson = contentType !== undefined && PLAIN_JSON.test(contentType) && !isForJson(typed);
  const json = isOtherJson ? undefined : ruleFor('json');
  const xml = isScript ? undefined : ruleFor('xml');
  const html = isScript ? undefined : ruleFor('html');
  const rules = [json, xml, html].filter((rule) => rule !== undefined);
  if (rules.length === 0) return undefined;
  if (typed !== undefined && rules.every((rule) => rule === typed)) return typed;
  // A feed may be JSON, too: a route for any body knows by its version member.
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
