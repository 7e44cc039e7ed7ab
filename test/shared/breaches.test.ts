/** The shared worked cases of the billing rule, through `postmeter rate`. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rate } from '../entry/commands/run-rate.ts';

interface Vectors {
  cases: { name: string; tariff: object; usage: [string, number][]; expect: { client: string } }[];
}

const vectors = new URL('../../../shared/vectors/breaches.json', import.meta.url);

describe('vectors/breaches.json', () => {
  const { cases }: Vectors = JSON.parse(readFileSync(vectors, 'utf8'));

  it('holds cases', () => expect(cases.length).toBeGreaterThan(0));

  it.each(cases)('$name', async ({ tariff, usage, expect: expected }) => {
    const rows = usage.map(([at, posts]) => `${expected.client},${at},${posts}`);
    const csv = ['client,at,posts', ...rows, ''].join('\n');
    expect(await rate(csv, tariff)).toBe(`${JSON.stringify({ clients: [expected] }, null, 2)}\n`);
  });
});
