import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedBody } from '../../../src/count/bounded-body.ts';
import { PostCount } from '../../../src/count/post-count.ts';
import type { TextEntry } from '../../../src/count/route/schema.ts';
import { TextCounter } from '../../../src/count/text/counter.ts';
import { parseLinePattern } from '../../../src/count/text/line-pattern.ts';
import { compileText } from '../../../src/count/text/plan.ts';
import { heldBytes } from '../held-memory.ts';
import { planned } from '../planned.ts';
import { cuts, piecesOf } from '../stream/arbitraries.ts';

function start(entries: readonly TextEntry[]) {
  const compiled = planned((problems) => compileText(entries, problems));
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const rules = entries.map(() => ({ text: '', kind: 'post', counts: true }) as const);
  const found = new PostCount(rules, false);
  const body = new BoundedBody(new TextCounter(compiled.plan, found), found, Number.POSITIVE_INFINITY, true);
  return { body, found };
}

const lines = (line: string): TextEntry => ({ text: 'line', line, kind: 'post' });
const RESPONSE: TextEntry = { text: 'response', kind: 'post' };

function run(entries: readonly TextEntry[], pieces: Iterable<Uint8Array>, isWhole = true): number {
  const { body } = start(entries);
  for (const piece of pieces) {
    const lent = Uint8Array.from(piece);
    body.write(lent);
    lent.fill(0x23);
  }
  const { posts, uncounted } = body.result(isWhole);
  expect(uncounted).toBeUndefined();
  return posts;
}

/** In one piece and byte by byte, which must be the same. */
function count(entry: TextEntry, text: string, isWhole = true): number {
  const bytes = Buffer.from(text);
  const posts = run([entry], [bytes], isWhole);
  expect(
    run(
      [entry],
      [...bytes].map((byte) => Uint8Array.of(byte)),
      isWhole,
    ),
  ).toBe(posts);
  return posts;
}

describe('posts in plain text', () => {
  it.each<[string, string, string, number]>([
    ['headings', '# *', '# a\n\ntext\n# b\n## c\n', 2],
    ['no line feed at the end', '# *', '# a\ntext\n# b', 2],
    ['CRLF, and spaces at the end', '---', '---\r\na\r\n---  \r\nb', 2],
    ['a byte order mark', '# *', '\ufeff# a\n', 1],
    ['text on both sides', '== * ==', '== a ==\n== b\n=== c ===\n', 1],
    ['text in the middle', '*: https://*/posts/*', 'url: https://a.example/posts/1\nurl: https://a/p\n', 1],
    ['an asterisk', '\\* *', '* a\n- b\n* c\n', 2],
    ['every line with text', '*', 'a\n\n \nb\n', 2],
    ['another alphabet', 'Beitrag №*', 'Beitrag №1\nBeitrag №2', 2],
    ['overlapping ends', 'ab*ba', 'aba\nabba\n', 1],
    ['nothing', '# *', '', 0],
  ])('%s', (_, pattern, text, posts) => {
    expect(count(lines(pattern), text)).toBe(posts);
  });

  it('begin with the first pattern that matches', () => {
    expect(run([lines('# Re: *'), lines('# *')], [Buffer.from('# Re: a\n# b\n')])).toBe(2);
  });

  it('count when they have ended', () => {
    const { body, found } = start([lines('# *')]);
    body.write(Buffer.from('# a\ntext\n'));
    expect(found.untaken).toBe(0);
    body.write(Buffer.from('# b\ntext'));
    expect(found.untaken).toBe(1);
    expect(count(lines('# *'), '# a\n# b\n', false)).toBe(1);
  });

  it('an endless line needs no memory, and is tested on its beginning', () => {
    const { body } = start([lines('# *')]);
    const piece = Buffer.alloc(65_536, '#');
    body.write(Buffer.from('# '));
    const before = heldBytes();
    for (let i = 0; i < 512; i++) body.write(piece);
    expect(heldBytes() - before).toBeLessThan(64 * piece.length);
    expect(body.result(true).posts).toBe(1);
  }, 20_000);

  it('equal those of a regular expression, wherever the text is cut', () => {
    const character = fc.constantFrom('a', 'b', '*', ' ', 'é', '\\');
    const text = fc.string({ unit: character, maxLength: 12 });
    const tokens = fc.array(fc.oneof(fc.constant('*'), fc.constantFrom('a', 'b', 'é', '\\*', '\\\\')), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(tokens, fc.array(text), cuts, (parts, all, at) => {
        const form = parts.map((part) => (part === '*' ? '.*' : part)).join('');
        const expected = all.filter(
          (line) => line.trim() !== '' && RegExp(`^${form}$`, 'u').test(line.trimEnd()),
        );
        expect(run([lines(parts.join(''))], piecesOf(Buffer.from(all.join('\n')), at))).toBe(expected.length);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['', /is empty/],
    ['a\nb', /line break/],
    ['a\\b', /single backslash/],
    ['a'.repeat(300), /longer than 256/],
  ])('the pattern %j is refused', (pattern, message) => {
    expect(() => parseLinePattern(pattern)).toThrow(message);
  });
});

describe('a response that is one post', () => {
  it.each<[string, number]>([
    ['text', 1],
    ['\0\u0001', 1],
    [' \n', 0],
    ['', 0],
  ])('%j', (text, posts) => {
    expect(count(RESPONSE, text)).toBe(posts);
  });

  it('is not counted when it is cut', () => {
    expect(count(RESPONSE, 'text', false)).toBe(0);
  });

  it.each<[TextEntry[], RegExp]>([
    [[RESPONSE, lines('# *')], /use one of them/],
    [[{ ...RESPONSE, line: '# *' }], /remove it/],
    [[{ text: 'line', kind: 'post' }], /is missing/],
  ])('%j is refused', (entries, message) => {
    expect(() => start(entries)).toThrow(message);
  });
});
