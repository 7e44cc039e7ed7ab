import { describe, expect, test } from 'vitest';
import { PublishedTerms } from '../../src/terms/published.ts';
import { MAX_ROBOTS_BYTES, Replacement, type RobotsFault } from '../../src/terms/replacement.ts';
import { policyVersion } from './policies.ts';

const VERSION = policyVersion({ purposes: { ai_training: 'deny' } });
const AGENTS = [{ token: 'GPTBot', class: 'ai_training' }] as const;

function replacement(name: 'robots.txt' | 'tdmrep.json' = 'robots.txt', ifNoneMatch?: string) {
  const faults: RobotsFault[] = [];
  const made = new Replacement({
    published: new PublishedTerms(VERSION, AGENTS, (text) => `${text.length}`.padStart(64, '0')),
    name,
    origin: 'https://site.example',
    ifNoneMatch,
    decode: (codings, bytes) => (codings.length === 0 ? bytes : null),
    onFault: (fault) => faults.push(fault),
  });
  const merged = (body: Uint8Array | string, headers: string[] = [], isCut = false, status = 200) => {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const document = made.document({ status, headers, body: bytes, isCut });
    return { ...document, text: new TextDecoder().decode(document.body) };
  };
  return { made, merged, faults };
}

describe('robots.txt', () => {
  test.each([
    [200, true],
    [204, true],
    [301, false],
    [304, false],
    [401, true],
    [404, true],
    [429, false],
    [500, false],
    [503, false],
  ])('with status %i is replaced: %s', (status, expected) => {
    expect(replacement().made.appliesTo(status)).toBe(expected);
    expect(replacement('tdmrep.json').made.appliesTo(status)).toBe(status === 404);
  });

  test('in UTF-16 becomes UTF-8', () => {
    const text = 'User-agent: *\nDisallow: /café\n';
    for (const [mark, swap] of [
      [[0xff, 0xfe], false],
      [[0xfe, 0xff], true],
    ] as const) {
      const units = Buffer.from(text, 'utf16le');
      const body = Buffer.concat([Buffer.from(mark), swap ? units.swap16() : units]);
      expect(
        replacement()
          .merged(body)
          .text.endsWith('Disallow: /café\nContent-Signal: ai-train=no\nContent-Usage: train-ai=n\n'),
      ).toBe(true);
    }
  });

  test('keeps bytes that are not UTF-8', () => {
    const body = Buffer.from([...Buffer.from('User-agent: *\nDisallow: /'), 0xe9, 0x0a]);
    expect(Buffer.from(replacement().merged(body).body).includes(Buffer.from([0x2f, 0xe9, 0x0a]))).toBe(true);
  });

  test('that is too long ends after its last whole line', () => {
    const { merged, faults } = replacement();
    const body = `User-agent: *\nDisallow: /a\n${'# filler\n'.repeat(58_254)}`.slice(0, MAX_ROBOTS_BYTES);
    expect(merged(`${body.slice(0, -4)}Disa`, [], true).text.endsWith('# filler\n')).toBe(true);
    expect(faults).toEqual(['too_long']);
  });

  test('that is a page, or is refused, leaves the rules of the policy', () => {
    const { merged, faults } = replacement();
    const alone = merged('', [], false, 404).text;
    expect(alone).toContain('User-agent: GPTBot\nDisallow: /\n');
    expect(merged(' <!DOCTYPE html><p>Just a moment').text).toBe(alone);
    expect(faults).toEqual(['html']);
  });

  test('that cannot be decoded is forwarded unchanged', () => {
    const { merged, faults } = replacement();
    const headers = ['Content-Encoding', 'zstd', 'X-Own', '1'];
    const document = merged('compressed', headers);
    expect([document.status, document.text, document.headers]).toEqual([
      200,
      'compressed',
      { 'content-encoding': 'zstd', 'x-own': '1', 'content-length': '10' },
    ]);
    expect(faults).toEqual(['encoding']);
  });

  test('with many rules is merged within a second, and is at least as strict', () => {
    const rules = Array.from(
      { length: 20_000 },
      (_, at) => `${at % 2 === 0 ? 'Allow' : 'Disallow'}: /${at}*x`,
    );
    const startMs = performance.now();
    const file = `User-agent: GPTBot\n${rules.join('\n')}\n`;
    const { text } = replacement().merged(file);
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(text.includes(`User-agent: GPTBot\nDisallow: /${'*'.repeat(8)}\n`)).toBe(true);
  });

  test.each(['*', 'W/"x", "%"', '"%"'])('is not sent again to a reader that has it: %s', (form) => {
    const { etag } = replacement().merged('').headers as { etag: string };
    const { status, body } = replacement('robots.txt', form.replace('"%"', etag)).merged('');
    expect([status, body.length]).toEqual([304, 0]);
  });
});
