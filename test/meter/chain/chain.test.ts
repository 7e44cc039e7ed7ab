/** The hash chain of a journal: every leaf can be proven, and any change of a batch changes its hash. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/adapters/crypto/sha256.ts';
import { hexOf } from '../../../src/invoice/seal.ts';
import {
  contentOf,
  type Leaf,
  type LeafRow,
  leavesOf,
  parseContent,
  usageOf,
} from '../../../src/meter/chain/leaves.ts';
import { contentRoot, GENESIS, type LinkFacts, leafHashes, linkHash } from '../../../src/meter/chain/link.ts';
import { proofOf, rootFrom, rootOf } from '../../../src/meter/chain/tree.ts';
import type { Usage } from '../../../src/meter/usage.ts';

const count = fc.nat({ max: 1000 });
const usage: fc.Arbitrary<Usage> = fc.record({
  clientId: fc.constantFrom('acme', 'addr:10.0.0.1', 'ä"\\\u2028'),
  identifierId: fc.constantFrom('key-1', 'key-2', ''),
  bucketMs: fc.nat({ max: 5 }).map((minute) => minute * 60_000),
  ...{ posts: count, requests: count, refused: count, bytes: count, uncounted: count },
});
const usages = fc.array(usage, { minLength: 1, maxLength: 20 });
const salt = fc.uint8Array({ minLength: 16, maxLength: 16 });
const FACTS: LinkFacts = {
  journalId: 'gateway-1',
  firstSequence: 4,
  lastSequence: 9,
  kind: 'usage',
  takenAtMs: 1_000,
  gaps: [{ fromMs: 1, toMs: 2, responses: 3, posts: 4 }],
  configurations: [{ sequence: 4, hash: 'ab', version: '1.0.0', fromMs: 5 }],
};
const hashOf = (facts: LinkFacts, salted: Uint8Array, leaves: readonly Leaf[], previous = GENESIS) =>
  hexOf(linkHash(previous, facts, contentRoot(salted, leaves, sha256), sha256));

describe('leaves', () => {
  it('contain the sums of the usage in any order', () => {
    fc.assert(
      fc.property(usages, (given) => {
        const leaves = leavesOf(given);
        expect(leavesOf(given.toReversed())).toEqual(leaves);
        expect(leavesOf(usageOf(leaves))).toEqual(leaves);
        const posts = (of: readonly Usage[]) => of.reduce((sum, one) => sum + one.posts, 0);
        expect(posts(usageOf(leaves))).toBe(posts(given));
        expect(parseContent(contentOf(leaves))).toEqual(leaves);
      }),
    );
  });

  it('have one encoding: any other text of the same leaves is rejected', () => {
    fc.assert(
      fc.property(usages, (given) => {
        const leaves = leavesOf(given);
        const text = contentOf(leaves);
        const spellings = [
          JSON.stringify(leaves, null, 1),
          `${text} `,
          text.replace('0', '0.0'),
          text.replace('"', '"\\u0041'),
          contentOf([...leaves, leaves[0]!]),
          contentOf(leaves.map(([client, key, rows]) => [client, key, [...rows, rows[0]!]])),
          ...(leaves.length > 1 ? [contentOf(leaves.toReversed())] : []),
        ];
        for (const spelling of spellings) {
          if (spelling !== text) expect(parseContent(spelling), spelling).not.toEqual(leaves);
        }
      }),
    );
  });

  it.each([
    '',
    'gone',
    'null',
    '{}',
    '[1]',
    '[["a","b"]]',
    '[["a","b",[[1,2,3,4,5]]]]',
    '[["a","b",[[1,2,3,4,5,0.5]]]]',
    '[["a",1,[]]]',
    '[["a","b",[]]]',
  ])('are not %s', (text) => {
    expect(parseContent(text)).toBeNull();
  });
});

describe('the tree', () => {
  const hashes = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }) as fc.Arbitrary<Uint8Array>, {
    minLength: 1,
    maxLength: 33,
  });

  it('proves every leaf at its own position only', () => {
    fc.assert(
      fc.property(hashes, (leaves) => {
        const root = hexOf(rootOf(leaves, sha256));
        for (const [index, leaf] of leaves.entries()) {
          const proof = proofOf(leaves, index, sha256);
          const from = (at: number, size: number, way = proof, one = leaf) => {
            const found = rootFrom(one, at, size, way, sha256);
            return found === null ? null : hexOf(found);
          };
          expect(from(index, leaves.length)).toBe(root);
          expect(from(index, leaves.length, [...proof, leaf])).not.toBe(root);
          expect(from(leaves.length, leaves.length)).toBeNull();
          expect(from(-1, leaves.length)).toBeNull();
          if (proof.length > 0) expect(from(index, leaves.length, proof.slice(1))).not.toBe(root);
          expect(from(index, leaves.length, proof, sha256(leaf))).not.toBe(root);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('follows RFC 9162, checked with seven leaves by hand', () => {
    const leaves = Array.from({ length: 7 }, (_, index) => sha256(Uint8Array.of(0, index)));
    const node = (a: Uint8Array, b: Uint8Array) => sha256(Buffer.concat([Uint8Array.of(1), a, b]));
    const [a, b, c, d, e, f, g] = leaves as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const left = node(node(a, b), node(c, d));
    expect(hexOf(rootOf(leaves, sha256))).toBe(hexOf(node(left, node(node(e, f), g))));
    expect(proofOf(leaves, 6, sha256).map(hexOf)).toEqual([hexOf(node(e, f)), hexOf(left)]);
    expect(hexOf(rootOf([], sha256))).toBe(hexOf(sha256(new Uint8Array())));
  });

  it('has a different root for every other order', () => {
    fc.assert(
      fc.property(usages, salt, (given, salted) => {
        const leaves = leafHashes(salted, leavesOf(given), sha256);
        fc.pre(leaves.length > 1);
        expect(hexOf(rootOf(leaves.toReversed(), sha256))).not.toBe(hexOf(rootOf(leaves, sha256)));
      }),
    );
  });
});

describe('a link', () => {
  it('changes with every figure, name and missing leaf, and with the salt', () => {
    fc.assert(
      fc.property(usages, salt, fc.nat(), fc.nat({ max: 5 }), (given, salted, at, figure) => {
        const leaves = leavesOf(given);
        const hash = hashOf(FACTS, salted, leaves);
        const index = at % leaves.length;
        const [clientId, identifierId, rows] = leaves[index]!;
        const row = rows[0]!.map((value, place) =>
          place === figure ? value + 1 : value,
        ) as unknown as LeafRow;
        const others: Leaf[] = [
          [clientId, identifierId, [row, ...rows.slice(1)]],
          [`${clientId}x`, identifierId, rows],
          [clientId, `${identifierId}x`, rows],
        ];
        for (const other of others) expect(hashOf(FACTS, salted, leaves.with(index, other))).not.toBe(hash);
        expect(hashOf(FACTS, salted, leaves.toSpliced(index, 1))).not.toBe(hash);
        expect(hashOf(FACTS, salted.with(0, salted[0]! ^ 1), leaves)).not.toBe(hash);
      }),
    );
  });

  it('changes with every fact and with the previous link', () => {
    const leaves = leavesOf([
      {
        clientId: 'a',
        identifierId: 'b',
        bucketMs: 0,
        posts: 1,
        requests: 1,
        refused: 0,
        bytes: 1,
        uncounted: 0,
      },
    ]);
    const salted = new Uint8Array(16);
    const others: LinkFacts[] = [
      { ...FACTS, journalId: 'gateway-2' },
      { ...FACTS, firstSequence: 5 },
      { ...FACTS, lastSequence: 8 },
      { ...FACTS, kind: 'lost' },
      { ...FACTS, takenAtMs: 1_001 },
      { ...FACTS, gaps: [] },
      ...(['fromMs', 'toMs', 'responses', 'posts'] as const).map((field) => ({
        ...FACTS,
        gaps: [{ ...FACTS.gaps[0]!, [field]: 9 }],
      })),
    ];
    const all = others.map((facts) => hashOf(facts, salted, leaves));
    all.push(
      hashOf(FACTS, salted, leaves),
      hashOf(FACTS, salted, leaves, sha256(GENESIS)),
      hashOf(FACTS, salted, []),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it('is the same for gaps in any order, because the ledger sorts them by time', () => {
    const gaps = [7, 3, 5].map((fromMs) => ({ fromMs, toMs: 9, responses: 1, posts: 1 }));
    expect(hashOf({ ...FACTS, gaps }, new Uint8Array(16), [])).toBe(
      hashOf({ ...FACTS, gaps: gaps.toReversed() }, new Uint8Array(16), []),
    );
  });
});
