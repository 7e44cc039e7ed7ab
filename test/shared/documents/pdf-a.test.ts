import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDocumentFonts } from '../../../src/adapters/node/documents/fonts.ts';
import { renderPdf } from '../../../src/document/pdf/render.ts';
import { pngOf } from '../../document/pdf/png.ts';
import { invoiceInput, sampleInputs } from '../../document/pdf/samples.ts';
import { isInstalled } from '../../support/services/installed.ts';
import { oracleFolder, printed } from '../e-invoice/oracle.ts';

interface Checked {
  readonly file: string;
  readonly results: ReadonlyArray<{ readonly id: string; readonly ok: boolean; readonly detail?: string }>;
}

const run = promisify(execFile);
const INPUTS = {
  ...sampleInputs(),
  logo: invoiceInput({ logo: { type: 'image/png', bytes: pngOf({}) } }),
};
let folder: string;
let files: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-documents-'));
  const fonts = await readDocumentFonts();
  files = [];
  for (const [name, input] of Object.entries(INPUTS)) {
    const file = join(folder, `${name}.pdf`);
    await writeFile(file, await renderPdf(input, fonts));
    files.push(file);
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe('every document', () => {
  it('has what PDF/A-3a and PDF/UA-1 demand', async () => {
    const output = await printed(join(await oracleFolder(), 'pdfa-check.mjs'), ['--json', '--all', ...files]);
    const checked = output
      .trim()
      .split('\n')
      .map((line): Checked => JSON.parse(line));
    expect(checked).toHaveLength(files.length);
    for (const { results } of checked) expect(results.length).toBeGreaterThan(30);
    expect(
      checked.flatMap(({ file, results }) => results.filter(({ ok }) => !ok).map((one) => [file, one])),
    ).toEqual([]);
  });

  it.runIf(isInstalled('qpdf'))('has a sound file structure', async () => {
    for (const file of files) {
      const { stdout } = await run('qpdf', ['--check', file]);
      expect(stdout).toContain('No syntax or stream encoding errors found');
    }
  });

  it.runIf(isInstalled('pdffonts'))('embeds its fonts with their Unicode maps', async () => {
    for (const file of files) {
      const rows = (await run('pdffonts', [file])).stdout.trim().split('\n').slice(2);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row).toMatch(/NotoSans-(Regular|Bold) .* yes yes yes /);
    }
  });

  it.runIf(isInstalled('pdfinfo'))('has its structure in the order of reading', async () => {
    const { stdout } = await run('pdfinfo', ['-struct', join(folder, 'invoice-en.pdf')]);
    const types = [...stdout.matchAll(/^ *(H1|H2|Table|Figure|BlockQuote)\b/gm)].map(([, type]) => type);
    const [facts, title, ...rest] = types;
    expect([facts, title]).toEqual(['Table', 'H1']);
    expect(rest).toEqual([
      ...['H2', 'BlockQuote', 'H2', 'Table', 'Table', 'H2', 'Figure', 'Table'],
      ...['H2', 'Table', 'H2', 'Table', 'H2', 'H2', 'Table'],
    ]);
  });

  it.runIf(isInstalled('pdfdetach'))('has its attachments as they were given', async () => {
    await run('pdfdetach', ['-saveall', '-o', folder, join(folder, 'facturx.pdf')]);
    const { stdout } = await run(
      'sh',
      ['-c', `cat factur-x.xml && head -2 usage.csv && head -1 evidence.txt`],
      {
        cwd: folder,
      },
    );
    expect(stdout).toContain('<rsm:CrossIndustryInvoice/>');
    expect(stdout).toContain('start_utc,posts\r\n2026-02-10T06:15:00Z,10000');
    expect(stdout).toContain('How to verify PM-000017');
  });
});
