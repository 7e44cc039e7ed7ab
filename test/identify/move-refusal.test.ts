import { expect, it } from 'vitest';
import { type MoveFacts, moveRefusal } from '../../src/identify/move-refusal.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../src/tariff/tariff.ts';

const move = { identifierId: 'key', fromClientId: 'a', toClientId: 'b', fromMs: 60_000, untilMs: 120_000 };
const facts: MoveFacts = {
  ...{ fromSource: 'operator', toSource: 'operator', hasIdentifier: true, overlap: null, tariffs: [] },
};
const unique = { ...DEFAULT_TARIFF, count: 'unique' } as const;
const versions = (clientId: string | null, ...tariffs: (readonly [number, Tariff])[]) => ({
  tariffs: tariffs.map(([validFromMs, tariff], at) => ({
    ...{ id: `v${at}`, clientId, version: at + 1, validFromMs, tariff },
  })),
});

it.each([
  ['a key of the one client to the other', {}, {}, null],
  ['to an unknown client', {}, { toSource: null }, { kind: 'unknown_target' }],
  ['from an unknown client', {}, { fromSource: null, toSource: null }, { kind: 'unknown_client' }],
  ['to a caller identified by its address', {}, { toSource: 'address' }, { kind: 'address_target' }],
  ['an identifier of another client', {}, { hasIdentifier: false }, { kind: 'unknown_identifier' }],
  [
    'an address, as its own identifier',
    { identifierId: 'a' },
    { fromSource: 'address', hasIdentifier: false },
    null,
  ],
  ['another identifier of an address', {}, { fromSource: 'address' }, { kind: 'unknown_identifier' }],
  [
    'a range that overlaps another',
    {},
    { overlap: { clientId: 'c', cidr: '203.0.113.0/24' } },
    { kind: 'overlaps', clientId: 'c', cidr: '203.0.113.0/24' },
  ],
  [
    'usage from which unique posts are billed',
    {},
    versions('b', [0, unique]),
    { kind: 'counts_unique', clientId: 'b' },
  ],
  [
    'usage under a default tariff on unique posts',
    {},
    versions(null, [0, unique]),
    { kind: 'counts_unique', clientId: 'a' },
  ],
  ['usage before unique posts are counted', {}, versions('a', [120_000, unique]), null],
  [
    'usage of all later times',
    { untilMs: null },
    versions('a', [120_000, unique]),
    { kind: 'counts_unique', clientId: 'a' },
  ],
  ['usage after unique posts were counted', {}, versions('a', [0, unique], [60_000, DEFAULT_TARIFF]), null],
])('decides on moving %s', (_what, change, known, expected) => {
  expect(moveRefusal({ ...move, ...change }, { ...facts, ...known })).toEqual(expected);
});
