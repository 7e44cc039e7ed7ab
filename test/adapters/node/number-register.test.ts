import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileNumberRegister } from '../../../src/adapters/node/number-register.ts';
import { entriesOf, lastGiven, rewindReason } from '../../../src/invoice/register.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'postmeter-register-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}
const entry = (number: number, isGiven = true) => ({
  series: 'invoices',
  ...{ number, invoiceId: `invoice-${number}`, contentHash: `hash-${number}`, issuedAtMs: 5, isGiven },
});

test("processes on one folder see each other's entries, and a given number stays", async () => {
  const dataDir = folder();
  const [one, other] = [fileNumberRegister(dataDir), fileNumberRegister(dataDir)];
  await one.write([entry(1, false)]);
  expect(lastGiven(entriesOf(await other.read(), 'invoices'))).toBe(0);
  await other.write([entry(1), entry(2)]);
  await one.write([{ ...entry(1), contentHash: 'another' }]);
  expect(lastGiven(entriesOf(await one.read(), 'invoices'))).toBe(2);
  expect(entriesOf(await fileNumberRegister(dataDir).read(), 'invoices').get(1)).toEqual(entry(1));
});

test('a line that a dead process left incomplete is cut off, and any other damage stops issuing', async () => {
  const dataDir = folder();
  const file = join(dataDir, 'invoice-numbers.jsonl');
  await fileNumberRegister(dataDir).write([entry(1)]);
  appendFileSync(file, '{"number":2,"invo');
  const register = fileNumberRegister(dataDir);
  expect([...entriesOf(await register.read(), 'invoices').keys()]).toEqual([1]);
  await register.write([entry(2)]);
  expect(
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([entry(1), entry(2)]);
  appendFileSync(file, 'not an entry\n');
  await expect(fileNumberRegister(dataDir).read()).rejects.toThrow(
    /invoice-numbers\.jsonl, line 3 is not an entry/,
  );
});

test('numbers of several series are kept apart, and entries without a series are those of the default one', async () => {
  const dataDir = folder();
  const { series: _, ...old } = entry(1);
  appendFileSync(join(dataDir, 'invoice-numbers.jsonl'), `${JSON.stringify(old)}\n`);
  const register = fileNumberRegister(dataDir);
  await register.write([
    { ...entry(1), series: 'pm/2026' },
    { ...entry(2), series: 'pm/2026' },
  ]);
  const known = await register.read();
  expect([...known.keys()]).toEqual(['invoices', 'pm/2026']);
  expect(lastGiven(entriesOf(known, 'invoices'))).toBe(1);
  expect(lastGiven(entriesOf(known, 'pm/2026'))).toBe(2);
  expect(lastGiven(entriesOf(known, 'pm/2027'))).toBe(0);
  expect(rewindReason(entriesOf(known, 'pm/2026'), [], () => false)).toMatch(
    /numbers of pm\/2026 are missing.* the series of pm\/2026 to 2 .*invoice-numbers advance --series pm\/2026/,
  );
});

test('a ledger that lacks a given number, or has it with other content, counts as restored to an older state', () => {
  const known = new Map([1, 2, 3].map((number) => [number, entry(number)]));
  known.set(4, entry(4, false));
  const issued = [1, 2, 3].map((number) => entry(number));
  const none = () => false;
  expect(rewindReason(known, issued, none)).toBeNull();
  expect(rewindReason(known, issued.slice(0, 2), none)).toMatch(
    /3 \(invoice invoice-3, content hash-3\)\. .*the series to 3 /,
  );
  expect(rewindReason(known, [{ ...issued[0]!, contentHash: 'x' }, ...issued.slice(1)], none)).toContain(
    '1 (invoice',
  );
  expect(rewindReason(known, issued.slice(0, 2), (number) => number === 3)).toBeNull();
});
