import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PostId } from '../../src/count/post-id.ts';
import { NO_STATES, type SubjectStates } from '../../src/rights/state.ts';
import { type Subject, subjectOf, subjectText } from '../../src/rights/subject.ts';
import { SubjectTable, SubjectTableFull } from '../../src/rights/subject-table.ts';
import { draws } from '../support/draws.ts';

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
const post = (name: string): Subject => subjectOf('post', '', name);

const someSubject = fc
  .tuple(fc.constantFrom('post' as const, 'author' as const), fc.constantFrom('', 'a.example'), fc.nat(400))
  .map(([kind, scope, number]) => subjectOf(kind, scope, String(number)));
const someStates = fc.record({
  on: fc.constantFrom(0, 0, 1, 0x8000, 0xffff),
  off: fc.constantFrom(0, 0, 0x100, 0x8000),
});

describe('the table of subjects', () => {
  it('returns what a Map returns, through growth and withdrawn states', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(someSubject, someStates), { minLength: 100, maxLength: 1_000 }),
        (changes) => {
          const table = new SubjectTable(1_000, sha256);
          const map = new Map<string, SubjectStates>();
          for (const [subject, states] of changes) {
            table.set(subject, states);
            map.set(subjectText(subject), states);
          }
          for (const [subject] of changes) {
            expect(table.get(subject)).toEqual(map.get(subjectText(subject)));
          }
          expect(table.size).toBe([...map.values()].filter(({ on, off }) => (on | off) !== 0).length);
          expect(table.get(post('absent'))).toBe(NO_STATES);
        },
      ),
      { numRuns: draws(20) },
    );
  });

  it('has 20,000 subjects in at most 54 bytes each', () => {
    const table = new SubjectTable(20_000, sha256);
    for (let id = 0; id < 20_000; id++) table.set(post(String(id)), { on: 1 + (id % 100), off: 0 });
    expect(table.size).toBe(20_000);
    expect(table.bytes / table.size).toBeLessThanOrEqual(54);
    for (let id = 0; id < 20_000; id++) expect(table.get(post(String(id))).on).toBe(1 + (id % 100));
    for (let id = 20_000; id < 40_000; id++) expect(table.get(post(String(id)))).toBe(NO_STATES);
  });

  it('tells subjects apart whose hashes are equal', () => {
    const [withheld, other] = collision();
    const table = new SubjectTable(10, sha256);
    table.set(withheld, { on: 1, off: 0 });
    expect(table.get(other)).toBe(NO_STATES);
    table.set(other, { on: 2, off: 0 });
    expect(table.get(withheld)).toEqual({ on: 1, off: 0 });
    expect(table.get(other)).toEqual({ on: 2, off: 0 });
  });

  it('reuses the slots of subjects whose states were withdrawn', () => {
    const table = new SubjectTable(100, sha256);
    for (let id = 0; id < 20_000; id++) {
      table.set(post(String(id)), { on: 1, off: 0 });
      table.set(post(String(id)), NO_STATES);
    }
    expect(table.size).toBe(0);
    expect(table.bytes).toBeLessThan(256 * 64 * 20);
  });

  it('refuses a subject beyond its limit and keeps the others', () => {
    const table = new SubjectTable(2, sha256);
    table.set(post('a'), { on: 1, off: 0 });
    table.set(post('b'), { on: 1, off: 0 });
    expect(() => table.set(post('c'), { on: 1, off: 0 })).toThrow(SubjectTableFull);
    table.set(post('a'), { on: 2, off: 0 });
    expect(table.get(post('a'))).toEqual({ on: 2, off: 0 });
    expect(table.get(post('c'))).toBe(NO_STATES);
    table.set(post('b'), NO_STATES);
    table.set(post('c'), { on: 1, off: 0 });
    expect(table.get(post('c'))).toEqual({ on: 1, off: 0 });
  });

  it('has one key for each subject, whatever the letter case of its scope', () => {
    expect(subjectOf('post', 'A.Example', 'Id')).toEqual({ kind: 'post', scope: 'a.example', name: 'Id' });
    expect(subjectOf('blog', '', 'Blog.Example').name).toBe('blog.example');
    const texts = [post('1 a'), subjectOf('post', 'a', '1'), subjectOf('post', '1', 'a'), post('a1')].map(
      subjectText,
    );
    expect(new Set(texts).size).toBe(4);
  });
});

const BLOCKS = 18;
const BLOCK_LENGTH = 7;

/**
 * Two subjects whose 64-bit hashes are equal. The halves of the hash are independent until the end, so a chain of pairs
 * of blocks that collide in one half gives enough texts to find a collision in the other (Joux, 2004).
 */
function collision(): [Subject, Subject] {
  let high = highAfter(0x811c9dc5, 'post 0 ');
  const pairs: [string, string][] = [];
  while (pairs.length < BLOCKS) {
    const pair = blocksThatCollide(high);
    pairs.push(pair);
    high = highAfter(high, pair[0]);
  }
  const seen = new Map<number, string>();
  const search = (low: number, name: string, depth: number): [string, string] | null => {
    if (depth === BLOCKS) {
      const same = seen.get(low);
      seen.set(low, name);
      return same === undefined ? null : [same, name];
    }
    for (const block of pairs[depth]!) {
      const found = search(lowAfter(low, block), name + block, depth + 1);
      if (found !== null) return found;
    }
    return null;
  };
  const [one, other] = search(lowAfter(0x9747b28c, 'post 0 '), '', 0)!;
  const hashes = [one, other].map((name) => hashOf(subjectText(post(name))));
  expect(one).not.toBe(other);
  expect(hashes[0]!.equals(hashes[1]!)).toBe(true);
  return [post(one), post(other)];
}

function hashOf(text: string): PostId {
  const hash = new PostId();
  hash.readText(text);
  return hash;
}

function blocksThatCollide(from: number): [string, string] {
  const seen = new Map<number, string>();
  for (let number = 0; ; number++) {
    // Short texts that differ little rarely collide.
    const block = (Math.imul(number, 0x9e3779b1) >>> 0).toString(36).padStart(BLOCK_LENGTH, '0');
    const high = highAfter(from, block);
    const same = seen.get(high);
    if (same !== undefined) return [same, block];
    seen.set(high, block);
  }
}

function highAfter(from: number, text: string): number {
  let high = from;
  for (let at = 0; at < text.length; at++) high = Math.imul(high ^ text.charCodeAt(at), 0x01000193);
  return high;
}

function lowAfter(from: number, text: string): number {
  let low = from;
  for (let at = 0; at < text.length; at++) {
    low = Math.imul(low ^ text.charCodeAt(at), 0x5bd1e995);
    low ^= low >>> 15;
  }
  return low;
}
