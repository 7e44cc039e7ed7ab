/** No regular expression in src may need exponential time: one field of a request would stop the process. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { isExponential } from './regex-ambiguity.ts';

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

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

it('every expression in src reads a text in one way', () => {
  const all = files.flatMap((name) =>
    expressionsIn(join(SRC, name)).map((expression) => ({ name, expression })),
  );
  expect(all.length).toBeGreaterThan(100);
  const bad = all.filter(({ expression }) => isExponential(expression));
  expect(bad.map(({ name, expression }) => `${name}: ${expression}`)).toEqual([]);
});
