/** PDFs with their CII in them: the XML passes the rules of Factur-X, and the PDF says that it is one. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { nodePress } from '../../../src/entry/documents/press.ts';
import { SAMPLES } from '../../document/e-invoice/samples.ts';
import { findingsOf, oracleFolder, printed } from './oracle.ts';

const folder = mkdtempSync(join(tmpdir(), 'postmeter-factur-x-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An invoice, a supplement, a credit note, and a credit note by hand. */
const CLAIMS = ['invoice', 'supplement', 'credit_note', 'manual'].map(
  (kind) => SAMPLES.find(({ name }) => name.includes(`-${kind}-`))!.claim,
);

it('a PDF of each kind is Factur-X in PDF/A-3a', { timeout: 600_000 }, async () => {
  const press = nodePress();
  const files: string[] = [];
  for (const claim of CLAIMS) {
    const facturX = await press.eInvoice('cii', claim);
    const { language } = claim.document;
    const frame = {
      kind: 'invoice',
      isDraft: false,
      copy: 1,
      logo: null,
      atMs: Date.UTC(2026, 2, 1),
    } as const;
    files.push(join(folder, `${claim.document.displayNumber}.pdf`));
    writeFileSync(files.at(-1)!, await press.pdf({ ...frame, claim, facturX, language }));
  }
  expect(files).toHaveLength(4);
  const findings = await findingsOf(files, 'en16931,factur-x');
  expect([...findings]).toEqual(files.map((file) => [file, []]));
  const check = join(await oracleFolder(), 'pdfa-check.mjs');
  const checked = (await printed(check, ['--invoice', '--json', ...files])).trim().split('\n');
  expect(checked.map((line) => JSON.parse(line).ok)).toEqual([true, true, true, true]);
});
