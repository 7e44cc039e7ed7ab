/** SECURITY.md names existing tests, and at least one test for each risk. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(`${ROOT}/SECURITY.md`, 'utf8');
/** `test/x.test.ts`: "title" */
const named = [...text.matchAll(/`(test\/[\w/.-]+\.test\.ts)`:\s+"([^"]+)"/g)].map(([, file, title]) => ({
  file: file!,
  title: title!.replaceAll(/\s+/g, ' '),
}));
/** The text of each `##` and `###` part, by its heading. */
const parts = new Map(
  text.split(/^#{2,3} /m).map((part) => [part.slice(0, part.indexOf('\n')), part] as const),
);

describe('SECURITY.md', () => {
  it.each(named)('$file has the test "$title"', ({ file, title }) => {
    expect(existsSync(`${ROOT}/${file}`)).toBe(true);
    const titles = [...readFileSync(`${ROOT}/${file}`, 'utf8').matchAll(/'((?:[^'\\\n]|\\.)+)'/g)];
    expect(titles.map((found) => found[1]!.replaceAll("\\'", "'"))).toContain(title);
  });

  it('names test files only in a way that is checked', () => {
    const files = [...text.matchAll(/test\/[\w/.-]+\.test\.ts/g)];
    expect(files).toHaveLength(named.length);
  });

  it.each(Array.from({ length: 10 }, (_, n) => `API${n + 1}`))('goes through %s, with a test', (risk) => {
    const [, part] = [...parts].find(([heading]) => heading.startsWith(`${risk}:2023 `)) ?? [];
    expect(part).toMatch(/`test\/[\w/.-]+\.test\.ts`:\s+"/);
  });

  it.each(['Reporting', 'Threat model', 'Settings that matter'])('has a part "%s"', (heading) => {
    expect(parts.get(heading)?.length).toBeGreaterThan(200);
  });
});
