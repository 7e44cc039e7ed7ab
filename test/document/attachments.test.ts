import { describe, expect, it } from 'vitest';
import { attachedFiles } from '../../src/document/attachments.ts';
import { claimOf, FROM_MS } from './pdf/samples.ts';

const MINUTE_MS = 60_000;

describe('the files in a document', () => {
  it('are the posts of each minute, how to verify, and the e-invoice if there is one', () => {
    const claim = claimOf({
      usage: [
        [FROM_MS, 12],
        [FROM_MS + MINUTE_MS, 7],
      ],
    });
    const files = attachedFiles(claim, '<xml/>');
    expect(files.map(({ name, mime, relationship }) => [name, mime, relationship])).toEqual([
      ['factur-x.xml', 'text/xml', 'Alternative'],
      ['usage.csv', 'text/csv', 'Data'],
      ['evidence.txt', 'text/plain', 'Supplement'],
    ]);
    expect(files[1]!.text).toBe('start_utc,posts\r\n2026-02-10T06:15:00Z,12\r\n2026-02-10T06:16:00Z,7\r\n');
    for (const hash of Object.values(claim.seal!)) expect(files[2]!.text).toContain(hash);
  });

  it('are none without usage and seal', () => {
    expect(attachedFiles(claimOf({ usage: [], seal: null }), null)).toEqual([]);
  });

  it('have the posts of each hour if those of each minute take more than 2 MB', () => {
    const minutes = 90_000;
    const usage = Array.from({ length: minutes }, (_, at) => [at * MINUTE_MS, 2] as const);
    const [csv] = attachedFiles(claimOf({ usage, seal: null }), null);
    const rows = csv!.text.trimEnd().split('\r\n').slice(1);
    expect(rows).toHaveLength(minutes / 60);
    expect(rows[0]).toBe('1970-01-01T00:00:00Z,120');
    expect(csv!.text.length).toBeLessThan(2_000_000);
  });
});
