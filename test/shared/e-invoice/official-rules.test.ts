/** E-invoices of all samples against the official rules, and mutants of them, which some rule or our own check finds. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eInvoiceOf } from '../../../src/adapters/node/e-invoice.ts';
import { SAMPLES } from '../../document/e-invoice/samples.ts';
import { MUTANTS } from './mutants.ts';
import { type Finding, findingsOf } from './oracle.ts';

const PREPARE_MS = 600_000;
/** A CII with 400 lines takes a rule set 10 s, and it has been checked against EN 16931 then. */
const MAX_FACTUR_X_LINES = 120;

const folder = mkdtempSync(join(tmpdir(), 'postmeter-e-invoices-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Each sample in both syntaxes; one of them is XRechnung, whose files are checked against EN 16931 too. */
const samples = SAMPLES.flatMap(({ name, claim }, at) =>
  (at % 2 === 0 ? (['cii', 'xrechnung-ubl'] as const) : (['ubl', 'xrechnung-cii'] as const)).map(
    (format) => ({ name, claim, format }),
  ),
);
const cases = [...samples, ...bareCases()].map((one) => ({
  ...one,
  file: join(folder, `${one.name}-${one.format}.xml`),
}));
const facturXCases = cases.filter(
  ({ format, claim }) => format === 'cii' && claim.invoice.lines.length <= MAX_FACTUR_X_LINES,
);
let findings: ReadonlyMap<string, readonly Finding[]>;
let facturX: ReadonlyMap<string, readonly Finding[]>;

beforeAll(async () => {
  for (const { claim, format, file } of cases) writeFileSync(file, await eInvoiceOf(format, claim));
  for (const { name, base, format, change } of MUTANTS) {
    const before = await eInvoiceOf(format, SAMPLES[base]!.claim);
    const after = change(before);
    if (after === before) throw new Error(`The mutant ${name} does not differ.`);
    writeFileSync(mutantFile(name), after);
  }
  findings = await findingsOf(
    [...cases.map(({ file }) => file), ...MUTANTS.map(({ name }) => mutantFile(name))],
    'auto',
  );
  facturX = await findingsOf(
    facturXCases.map(({ file }) => file),
    'factur-x',
  );
}, PREPARE_MS);

/** An invoice without anything that its format does not demand. */
function bareCases() {
  const { claim } = SAMPLES[0]!;
  const { seller, buyer } = claim.document;
  const none = {
    street: null,
    postcode: null,
    city: null,
    address: null,
    contact: null,
    phone: null,
    vatId: null,
  };
  const document = {
    ...{ ...claim.document, bank: null, clause: null, readings: [] },
    seller: { ...seller, ...none, taxId: null, register: null },
    buyer: { ...buyer, ...none, buyerReference: null, orderNumber: null },
  };
  return (['cii', 'ubl'] as const).map((format) => ({
    ...{ name: 'bare', format },
    claim: { ...claim, seal: null, document },
  }));
}

function mutantFile(name: string): string {
  return join(folder, `mutant-${name.replaceAll(' ', '-')}.xml`);
}

describe('the official rules', () => {
  it.each(cases)('accept $name as $format', ({ file }) => {
    expect(findings.get(file)).toEqual([]);
  });

  it.each(facturXCases)('accept $name as Factur-X', ({ file }) => {
    expect(facturX.get(file)).toEqual([]);
  });

  it.each(MUTANTS)('refuse $name with $rule', ({ name, rule }) => {
    expect(findings.get(mutantFile(name))!.map(({ id }) => id)).toContain(rule);
  });
});
