/**
 * Reads a published list of address ranges: JAFAR (draft-illyes-webbotauth-jafar), the JSON of Google, OpenAI, Bing and
 * Apple from which JAFAR comes, or text with one prefix per line.
 */

import { type Prefix, parsePrefix } from './prefix.ts';

export type ParsedList =
  | { readonly ok: true; readonly prefixes: readonly Prefix[] }
  | { readonly ok: false; readonly reason: string };

export const MAX_PREFIXES = 100_000;
/** The major version of JAFAR that this file reads. */
const JAFAR_MAJOR = 1;
/** Longest text of a prefix that a reason repeats. */
const MAX_SHOWN = 60;

export function parseList(text: string, contentType: string | null): ParsedList {
  const major = jafarMajor(contentType);
  if (major > JAFAR_MAJOR)
    return refused(`is JAFAR version ${major}; only version ${JAFAR_MAJOR} is supported`);
  const body = text.replace(/^\uFEFF/, '').trim();
  return body.startsWith('{') ? parseJson(body) : parseEntries(linesOf(body));
}

/** Section 3.2: a file of a greater major version must not be parsed. Without a version it is the one known here. */
function jafarMajor(contentType: string | null): number {
  const isJafar = /^\s*application\/jafar\+json\s*(;|$)/i.test(contentType ?? '');
  const version = isJafar ? /;\s*version="?(\d{1,9})/i.exec(contentType ?? '') : null;
  return version === null ? JAFAR_MAJOR : Number(version[1]);
}

function parseJson(body: string): ParsedList {
  let json: { readonly prefixes?: unknown };
  try {
    json = JSON.parse(body);
  } catch {
    return refused('is not valid JSON');
  }
  if (!Array.isArray(json.prefixes)) return refused('has no array `prefixes`');
  return parseEntries(json.prefixes.flatMap(entryOf));
}

/** Section 2.3: an object with both fields, or with neither, is ignored. */
function entryOf(item: unknown): string[] {
  if (typeof item === 'string') return [item];
  if (typeof item !== 'object' || item === null) return [];
  const { ipv4Prefix, ipv6Prefix } = item as Readonly<Record<string, unknown>>;
  const given = [ipv4Prefix, ipv6Prefix].filter((prefix) => prefix !== undefined);
  return given.length === 1 ? [String(given[0])] : [];
}

function linesOf(body: string): string[] {
  return body.split(/\r\n|\r|\n/).map((line) => line.split('#', 1)[0]!);
}

function parseEntries(entries: readonly string[]): ParsedList {
  const texts = entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
  if (texts.length === 0) return refused('contains no prefixes');
  if (texts.length > MAX_PREFIXES) return refused(`contains more than ${MAX_PREFIXES} prefixes`);
  const prefixes: Prefix[] = [];
  for (const text of texts) {
    const prefix = parsePrefix(text);
    if (prefix === null)
      return refused(`contains "${text.slice(0, MAX_SHOWN)}", which is not an address range`);
    prefixes.push(prefix);
  }
  return { ok: true, prefixes };
}

function refused(reason: string): ParsedList {
  return { ok: false, reason: `the list ${reason}` };
}
