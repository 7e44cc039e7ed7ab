import { describe, expect, test } from 'vitest';
import {
  type AccountDetails,
  accountFaults,
  electronicIban,
  isSameAccount,
} from '../../src/seller/bank-account.ts';
import { isAddressScheme, isCountry, isExemptionCode } from '../../src/seller/codes.ts';
import { DAMAGES_RULE } from '../../src/seller/defaults.ts';
import { partyFaults } from '../../src/seller/party.ts';
import { doPrefixesCollide, isSeriesPrefix } from '../../src/seller/prefixes.ts';
import { taxRuleFaults } from '../../src/seller/tax-rule.ts';

test('codes are those of the published lists', () => {
  expect(['DE', 'XK', 'de', 'EU', 'US', '1A'].map(isCountry)).toEqual([
    true,
    false,
    false,
    false,
    true,
    false,
  ]);
  expect(['EM', '9930', '0204', '9999'].map(isAddressScheme)).toEqual([true, true, true, false]);
  expect(['VATEX-EU-O', 'VATEX-EU-132-1A', 'EU-O', 'VATEX-EU-X'].map(isExemptionCode)).toEqual([
    ...[true, true, false, false],
  ]);
});

test.each([
  [null, null, []],
  ['a@platform.example', 'EM', []],
  ['DE123456789', '9930', []],
  ['a@platform.example', null, ['electronicScheme']],
  [null, 'EM', ['electronicAddress']],
  ['platform.example', 'EM', ['electronicAddress']],
])(
  'an electronic address %j with the scheme %j has faults in %j',
  (electronicAddress, electronicScheme, fields) => {
    expect(partyFaults({ electronicAddress, electronicScheme }).map(({ field }) => field)).toEqual(fields);
  },
);

const ACCOUNT: AccountDetails = {
  ...{ currency: 'EUR', holder: 'Platform GmbH', iban: null, bic: null, accountNumber: null },
  ...{ routingNumber: null, bankName: null },
};

describe('bank accounts', () => {
  test.each([
    [{ iban: 'DE02120300000000202051' }, []],
    [{ iban: 'DE02120300000000202051', bic: 'BYLADEM1001' }, []],
    [{ accountNumber: '000123456789', routingNumber: '110000000' }, []],
    [{ accountNumber: '000123456789', routingNumber: '110000000', bic: 'BOFAUS3N' }, []],
    [{}, ['iban']],
    [{ iban: 'DE03120300000000202051' }, ['iban']],
    [{ iban: 'DE0212030000000020205' }, ['iban']],
    [{ iban: 'US02120300000000202051' }, ['iban']],
    [{ iban: 'DE02120300000000202051', bic: 'BYLADE' }, ['bic']],
    [{ iban: 'DE02120300000000202051', accountNumber: '1' }, ['accountNumber']],
    [{ accountNumber: '000123456789' }, ['routingNumber']],
    [{ routingNumber: '110000000' }, ['iban']],
  ])('%j has faults in %j', (given, fields) => {
    expect(accountFaults({ ...ACCOUNT, ...given }).map(({ field }) => field)).toEqual(fields);
  });

  test('every single wrong digit of an IBAN is found', () => {
    const iban = 'DE02120300000000202051';
    for (let at = 2; at < iban.length; at++) {
      for (const digit of '0123456789') {
        const changed = iban.slice(0, at) + digit + iban.slice(at + 1);
        expect(accountFaults({ ...ACCOUNT, iban: changed }).length, changed).toBe(changed === iban ? 0 : 1);
      }
    }
  });

  test('an IBAN is stored without spaces, and names the same account', () => {
    const iban = electronicIban('de02 1203 0000 0000 2020 51');
    expect(iban).toBe('DE02120300000000202051');
    expect(isSameAccount({ ...ACCOUNT, iban }, { ...ACCOUNT, iban, holder: 'Other' })).toBe(true);
    expect(isSameAccount({ ...ACCOUNT, iban }, { ...ACCOUNT, iban, currency: 'USD' })).toBe(false);
  });
});

describe('prefixes of series', () => {
  test.each([
    ['', true],
    ['INV-', true],
    ['R 2026/', true],
    ['123456789012', true],
    ['1234567890123', false],
    ['A ', false],
    ['É', false],
    ['A\n', false],
  ])('%j is allowed: %j', (text, isAllowed) => expect(isSeriesPrefix(text)).toBe(isAllowed));

  test.each([
    ['', '', true],
    ['', '1', true],
    ['A', 'A1', true],
    ['A', 'A2026-', true],
    ['', 'CN-', false],
    ['A', 'B', false],
    ['A', 'AB', false],
  ])('%j and %j collide: %j', (a, b, doCollide) => {
    expect([doPrefixesCollide(a, b), doPrefixesCollide(b, a)]).toEqual([doCollide, doCollide]);
  });
});

describe('tax rules', () => {
  const en = { en: 'Reverse charge' };
  test.each([
    [DAMAGES_RULE, []],
    [{ category: 'S', rateBp: 1900, exemptionCode: null, reason: {} }, []],
    [{ category: 'S', rateBp: 0, exemptionCode: null, reason: {} }, ['rateBp']],
    [{ category: 'S', rateBp: 1900, exemptionCode: 'VATEX-EU-O', reason: {} }, ['exemptionCode']],
    [{ category: 'S', rateBp: 1900, exemptionCode: null, reason: en }, ['reason']],
    [{ category: 'Z', rateBp: 0, exemptionCode: null, reason: {} }, []],
    [{ category: 'Z', rateBp: 1, exemptionCode: null, reason: {} }, ['rateBp']],
    [{ category: 'E', rateBp: 0, exemptionCode: 'VATEX-EU-132-1A', reason: en }, []],
    [{ category: 'E', rateBp: 0, exemptionCode: 'VATEX-EU-AE', reason: en }, ['exemptionCode']],
    [{ category: 'E', rateBp: 0, exemptionCode: 'nonsense', reason: en }, ['exemptionCode']],
    [{ category: 'AE', rateBp: 0, exemptionCode: 'VATEX-EU-AE', reason: en }, []],
    [{ category: 'AE', rateBp: 0, exemptionCode: 'VATEX-EU-O', reason: en }, ['exemptionCode']],
    [{ category: 'AE', rateBp: 1900, exemptionCode: null, reason: {} }, ['rateBp', 'reason']],
    [{ category: 'O', rateBp: 0, exemptionCode: null, reason: { de: 'Schadensersatz' } }, ['reason']],
    [{ category: 'G', rateBp: 0, exemptionCode: 'VATEX-EU-G', reason: en }, []],
    [{ category: 'K', rateBp: 0, exemptionCode: 'VATEX-EU-IC', reason: en }, []],
  ] as const)('%j has faults in %j', (rule, fields) => {
    expect(taxRuleFaults(rule).map(({ field }) => field)).toEqual(fields);
  });
});
