/**
 * No regular expression in src may need more than linear time, because one field of a request could block the process.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { isExponential, isSuperLinear } from './regex-ambiguity.ts';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

function expressionsIn(path: string): RegExp[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const found: RegExp[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, source, flags] = /^\/(.*)\/(\w*)$/s.exec(node.text)!;
      found.push(new RegExp(source!, flags));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe('isExponential', () => {
  it.each([
    /(a+)+/, /(a*)*/, /(a|a)*/, /(a|ab|b)+c/, /(?:a?b?)*c/, /(.*,)*x/, /(\w+\s?)+$/, /(?:a{1,3})+$/,
    /^<[^>]*>(?:\s*;\s*[^;"\s,]+(?:="[^;"\s]*"|=[^;"\s,]*)?)*$/,
  ])('finds %s', (expression) => {
    expect(isExponential(expression)).toBe(true);
  }); // biome-ignore format: a list of expressions

  it.each([
    /a+b+/,
    /(ab)+/,
    /(?:a|b)*c/,
    /(?:,\s*a)*/,
    /^[^,]*(?:,[^,]*)*$/,
    /"(?:[^"\\]|\\.)*"/,
    /\d{1,15}/,
    /(?=a+)+b/,
  ])('passes %s', (expression) => {
    expect(isExponential(expression)).toBe(false);
  });
});

describe('isSuperLinear', () => {
  it.each([
    /=+$/, /\s+$/, /^\s*(.+?)\s*$/, /^a*a*b/, /(a|b)*c/, /\/\/.*@/s, /^[^/]*\d[^/]*$/, /^[\da-f:.]*:[\da-f:.]*$/, /^\s*(?:identity)?\s*$/,
    /^(?:x|[^.]*-[^.]*-[^.]*)(\.[a-z]{1,8})?$/,
  ])('finds %s', (expression) => {
    expect(isSuperLinear(expression)).toBe(true);
  }); // biome-ignore format: a list of expressions

  it.each([
    /^\s*a\s*$/, /^a*ba*$/, /^a+$/, /a+/, /^x.*y/, /=.*/s, /(?:%[0-9a-f]{2})+/g, /(^|,)\s*h2c\s*(,|$)/, /^[\da-f.]*:[\da-f:.]*$/, /a*b/y,
  ])('passes %s', (expression) => {
    expect(isSuperLinear(expression)).toBe(false);
  }); // biome-ignore format: a list of expressions
});

/** Expressions that are not linear, with the reason why they are safe. */
const HARMLESS = new Map([
  ['/=+$/', 'reads base64 of our own'],
  [String.raw`/"[^"\\]*(?:\\.[^"\\]*)*"/g`, 'reads what JSON.parse has accepted: each string ends'],
  [String.raw`/"(?:[^"\\]|\\.)*"|[[\]{}]/gs`, 'sound JSON follows, whose first quote ends the string'],
  ['/"(?:[^"]|"")*"/g', 'of all quotes only the last can stay without its end'],
  [
    String.raw`/\nparams: [\s\S]*?(?=\n {4}at |\ncaused by: |: [A-Za-z]*Error|$)/g`,
    'the end of the text fits',
  ],
]);
/** Modules whose text is short, or comes from the operator of the program. */
const BOUNDED = new Map([
  ['count/recount/frames.ts', 'reads 2,048 characters'],
  ['count/request-body/form-head.ts', 'reads 256 characters'],
  ['count/request-body/multipart-form.ts', 'reads 256 characters'],
  ['adapters/redis/servers.ts', "reads the answer of the operator's Redis"],
  ['count/html/selector.ts', 'reads the configuration'],
  ['count/where.ts', 'reads the configuration'],
  ['console/parts/value.tsx', 'reads figures of the API'],
  ['entry/startup.ts', 'reads the environment'],
  ['report/redaction.ts', 'reads the environment'],
  ['entry/commands/options/header-option.ts', 'reads the command line'],
  ['entry/probe/site-pages.ts', 'reads the site that the operator probes'],
  ['probe/candidate-paths.ts', 'reads the site that the operator probes'],
  ['probe/links.ts', 'reads the site that the operator probes'],
  ['probe/paths.ts', 'reads the site that the operator probes'],
]);

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));

const all = files.flatMap((name) =>
  expressionsIn(join(SRC, name)).map((expression) => ({ name, expression })),
);

it('every expression in src matches a text in one way only', () => {
  expect(all.length).toBeGreaterThan(100);
  const bad = all.filter(({ expression }) => isExponential(expression));
  expect(bad.map(({ name, expression }) => `${name}: ${expression}`)).toEqual([]);
});

it('every expression in src that reads foreign input takes linear time', () => {
  const bad = all.filter(({ expression }) => isSuperLinear(expression));
  const isListed = ({ name, expression }: (typeof bad)[number]) =>
    HARMLESS.has(String(expression)) || BOUNDED.has(name);
  const unlisted = bad.filter((one) => !isListed(one));
  expect(unlisted.map(({ name, expression }) => `${name}: ${expression}`)).toEqual([]);
  const expressions = new Set(bad.map(({ expression }) => String(expression)));
  const names = new Set(bad.map(({ name }) => name));
  expect([...HARMLESS.keys()].filter((text) => !expressions.has(text))).toEqual([]);
  expect([...BOUNDED.keys()].filter((name) => !names.has(name))).toEqual([]);
});
