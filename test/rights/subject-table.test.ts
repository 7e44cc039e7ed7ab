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
const hashOf = (subject: Subject): PostId => {
  const hash = new PostId();
  hash.readText(subjectText(subject));
  return hash;
};

/**
 * Two ids whose 64-bit hashes are equal. The halves of the hash are independent until the end, so a chain of 18 pairs of
 * blocks that collide in one half gives enough texts to find a collision in the other (Joux, 2004), in a second.
 */
const COLLIDING = [
  '13l44vy0pr7egd0hjgl390oawc1l0qyra3p14vgg2r1avt43g10oywdw182jueb0pjnmh9100l7js0krgalb10z6tws14vgg2r1avt43g10oywdw1g64iwg0pjnmh9',
  '13l44vy0pr7egd1wt0nz3174i5sr0qyra3p0vfmb4d1avt43g10oywdw1g64iwg0pjnmh90may6i30krgalb10z6tws0vfmb4d1avt43g0gowtlj1g64iwg0j0c32z',
] as const;

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

  it('has 10,000 subjects in at most 54 bytes each', () => {
    const table = new SubjectTable(10_000, sha256);
    for (let id = 0; id < 10_000; id++) table.set(post(String(id)), { on: 1 + (id % 100), off: 0 });
    expect(table.size).toBe(10_000);
    expect(table.bytes / table.size).toBeLessThanOrEqual(54);
    for (let id = 0; id < 10_000; id++) expect(table.get(post(String(id))).on).toBe(1 + (id % 100));
    for (let id = 10_000; id < 20_000; id++) expect(table.get(post(String(id)))).toBe(NO_STATES);
  });

  it('tells subjects apart whose hashes are equal', () => {
    const [withheld, other] = [post(COLLIDING[0]), post(COLLIDING[1])];
    expect(hashOf(withheld).equals(hashOf(other))).toBe(true);
    const table = new SubjectTable(10, sha256);
    table.set(withheld, { on: 1, off: 0 });
    expect(table.get(other)).toBe(NO_STATES);
    table.set(other, { on: 2, off: 0 });
    expect(table.get(withheld)).toEqual({ on: 1, off: 0 });
    expect(table.get(other)).toEqual({ on: 2, off: 0 });
  });

  it('reuses the slots of subjects whose states were withdrawn', () => {
    const table = new SubjectTable(100, sha256);
    for (let id = 0; id < 10_000; id++) {
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
