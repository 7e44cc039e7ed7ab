import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/identify/address.ts';
import { buildDirectory } from '../../src/identify/directory.ts';
import { DEFAULT_TARIFF, type Tariff, type TariffVersion } from '../../src/tariff/tariff.ts';

const T0 = Date.UTC(2026, 2, 1);
const DAY_MS = 86_400_000;
const EXEMPT: Tariff = { kind: 'exempt' };
const own: Tariff = { ...DEFAULT_TARIFF, threshold: 4_000 };

describe('the tariff in force', () => {
  const directory = buildDirectory(
    {
      clients: [{ id: 'acme', name: 'Acme' }],
      identifiers: [],
      tariffs: [
        version(null, 1, 0, DEFAULT_TARIFF),
        version('acme', 1, T0, EXEMPT),
        version('acme', 2, T0 + DAY_MS, own),
        version('acme', 3, T0 + 2 * DAY_MS, null),
        version(null, 2, T0 + 3 * DAY_MS, EXEMPT),
      ],
      policies: [],
      policyVersions: [],
    },
    60,
  );
  test.each([
    ['the default before its own', 'acme', T0 - 1, DEFAULT_TARIFF],
    ['its own from its start', 'acme', T0, EXEMPT],
    ['until just before the next', 'acme', T0 + DAY_MS - 1, EXEMPT],
    ['the next one, without a reload', 'acme', T0 + DAY_MS, own],
    ['null: the default again', 'acme', T0 + 2 * DAY_MS, DEFAULT_TARIFF],
    ['a change of the default', 'acme', T0 + 3 * DAY_MS, EXEMPT],
    ['another client', 'addr:203.0.113.7', T0 + DAY_MS, DEFAULT_TARIFF],
    ['a range of unknown callers', 'net:203.0.113.0/24', T0 + DAY_MS, DEFAULT_TARIFF],
    ['another client later', 'addr:203.0.113.7', T0 + 3 * DAY_MS, EXEMPT],
  ])('%s', (_what, client, nowMs, expected) => {
    expect(directory.tariffOf(client, nowMs)).toEqual(expected);
  });
});

test('no tariff applies before the first version', () => {
  const directory = buildDirectory(
    { clients: [], identifiers: [], tariffs: [version(null, 1, T0, own)], policies: [], policyVersions: [] },
    60,
  );
  expect(directory.tariffOf('acme', T0 - 1)).toEqual(EXEMPT);
  expect(directory.tariffOf('acme', T0)).toEqual(own);
});

test('uses the window of the tariff in force in whole buckets, and the default one without a threshold', () => {
  const shorter: Tariff = { ...DEFAULT_TARIFF, windowSeconds: 3_630 };
  const tariffs = [version('acme', 1, T0, shorter), version('acme', 2, T0 + DAY_MS, EXEMPT)];
  const directory = buildDirectory(
    { clients: [], identifiers: [], tariffs, policies: [], policyVersions: [] },
    60,
  );
  expect(directory.windowMsOf('acme', T0)).toBe(3_600_000);
  expect(directory.windowMsOf('acme', T0 + DAY_MS)).toBe(DAY_MS);
  expect(directory.windowMsOf('unknown', T0)).toBe(DAY_MS);
});

test('finds identifiers by hash and by the longest range', () => {
  const directory = buildDirectory(
    {
      clients: [],
      identifiers: [
        { id: 'k1', clientId: 'acme', kind: 'api_key', keyHash: 'aa' },
        { id: 'r1', clientId: 'acme', kind: 'cidr', cidr: '203.0.113.0/24' },
        { id: 'r2', clientId: 'acme', kind: 'cidr', cidr: '203.0.113.128/25' },
      ],
      tariffs: [],
      policies: [],
      policyVersions: [],
    },
    60,
  );
  expect(directory.byKeyHash('aa')).toEqual({ clientId: 'acme', identifierId: 'k1' });
  expect(directory.byKeyHash('bb')).toBeUndefined();
  expect(directory.byAddress(parseAddress('203.0.113.200')!)?.identifierId).toBe('r2');
  expect(directory.byAddress(parseAddress('203.0.113.1')!)?.identifierId).toBe('r1');
});

function version(
  clientId: string | null,
  number: number,
  validFromMs: number,
  tariff: Tariff | null,
): TariffVersion {
  return { id: `${clientId}-${number}`, clientId, version: number, validFromMs, tariff };
}
