import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonLogParser } from '../../src/reconcile/common-log.ts';
import { jsonFields, jsonLogParser } from '../../src/reconcile/json-log.ts';
import { parseLogTime } from '../../src/reconcile/log-time.ts';
import { anyCharacter } from '../support/characters.ts';

const COLUMNS = { posts: 'last', client: 3, address: 1 } as const;
const common = commonLogParser(COLUMNS);
const DEFAULT_JSON_FIELDS = jsonFields((field) => field);
const json = jsonLogParser(DEFAULT_JSON_FIELDS);
const AT = Date.UTC(2026, 2, 1, 12, 0, 5);

describe('the time of a line', () => {
  it.each([
    ['01/Mar/2026:14:00:05 +0200', AT],
    ['[01/Mar/2026:06:30:05 -0530]', AT],
    ['2026-03-01T12:00:05Z', AT],
    ['2026-03-01T14:00:05+02:00', AT],
    ['2026-03-01 14:00:05.250+0200', AT + 250],
    ['2026-03-01T12:00:05,25Z', AT + 250],
    [String(AT / 1000), AT],
    [`${AT / 1000}.123`, AT + 123],
    [String(AT + 7), AT + 7],
    ['2016-12-31T23:59:60Z', Date.UTC(2016, 11, 31, 23, 59, 59)],
    ['29/Feb/2024:23:59:59 +0000', Date.UTC(2024, 1, 29, 23, 59, 59)],
  ])('%s', (text, atMs) => expect(parseLogTime(text)).toBe(atMs));

  it.each([
    '', '-', 'yesterday', '2026-03-01T12:00:05', '01/Mar/2026:14:00:05', '30/Feb/2026:00:00:00 +0000',
    '2026-02-29T00:00:00Z', '01/Mrz/2026:14:00:05 +0200', '2026-03-01T25:00:00Z', '2026-13-01T00:00:00Z', '-5',
    '1e12', '99999999999999', '2026-03-01T12:00:05+99:00',
  ])('not %s', (text) => expect(parseLogTime(text)).toBeNull()); // biome-ignore format: many on one line

  it('is the logged moment, in every format', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100_000_000, max: 4_000_000_000 }),
        fc.integer({ min: -14 * 4, max: 14 * 4 }),
        (second, quarters) => {
          const shown = new Date((second + quarters * 900) * 1000).toISOString();
          const [hours, minutes] = [Math.floor(Math.abs(quarters) / 4), (Math.abs(quarters) % 4) * 15];
          const zone = [hours, minutes].map((part) => String(part).padStart(2, '0'));
          const sign = quarters < 0 ? '-' : '+';
          const month = new Date(shown).toLocaleString('en', { month: 'short', timeZone: 'UTC' });
          const local = `${shown.slice(8, 10)}/${month}/${shown.slice(0, 4)}:${shown.slice(11, 19)} ${sign}${zone.join('')}`;
          expect(parseLogTime(local)).toBe(second * 1000);
          expect(parseLogTime(`${shown.slice(0, 19)}${sign}${zone.join(':')}`)).toBe(second * 1000);
          expect(parseLogTime(String(second))).toBe(second * 1000);
          expect(parseLogTime(String(second * 1000))).toBe(second * 1000);
        },
      ),
    );
  });
});

describe('a line in the common form', () => {
  const time = '[01/Mar/2026:12:00:05 +0000]';
  const line = {
    atMs: AT,
    clientId: null,
    address: '203.0.113.7',
    posts: 20,
    status: 200,
    bytes: 512,
    method: 'GET',
  };

  it.each([
    ['plain', `203.0.113.7 - - ${time} "GET /posts HTTP/1.1" 200 512 20`, line],
    ['combined', `203.0.113.7 - - ${time} "GET / HTTP/1.1" 200 512 "https://a/b c" "Mozilla/5.0 (X11)" 20`, line],
    ['with its client', `203.0.113.7 - acme ${time} "GET / HTTP/1.1" 200 512 20`, { ...line, clientId: 'acme' }],
    ['by address range', `x - addr:2001:db8::/64 ${time} "GET /" 200 512 20`, { ...line, clientId: 'addr:2001:db8::/64', address: 'x' }],
    ['no count', `203.0.113.7 - - ${time} "GET / HTTP/1.1" 200 512 -`, { ...line, posts: null }],
    ['no bytes, no status', `203.0.113.7 - - ${time} "GET / HTTP/1.1" - - 20`, { ...line, bytes: null, status: null }],
    ['a list of addresses', `"203.0.113.7, 10.0.0.1" - - ${time} "GET / HTTP/1.1" 200 512 20`, { ...line, address: '203.0.113.7, 10.0.0.1' }],
    ['quotes of nginx', String.raw`203.0.113.7 - - ${time} "GET /\x22]\x5C HTTP/1.1" 200 512 "\x22 - [" 20`, line],
    ['quotes of Apache', String.raw`203.0.113.7 - - ${time} "GET /\"x\\" 200 512 "a \" 999" 20`, line],
    ['an empty request', `203.0.113.7 - - ${time} "" 200 512 20`, { ...line, method: null }],
    ['tabs, blanks at the end', `203.0.113.7\t-  - ${time} "GET /" 200 512 20 `, line],
    ['epoch seconds', `203.0.113.7 - - ${AT / 1000}.000 "GET /" 200 512 20`, line],
  ])('%s', (_, text, expected) => expect(common(text)).toEqual({ ok: true, line: expected })); // biome-ignore format: a case a line

  it('has its columns in the configured places', () => {
    const parse = commonLogParser({ posts: 9, client: 8, address: 'none' });
    const parsed = parse(`203.0.113.7 - joe ${time} "GET /" 200 512 acme 20 1.234`);
    expect(parsed).toEqual({ ok: true, line: { ...line, clientId: 'acme', address: null } });
  });

  it.each([
    ['', /posts: is missing; the line has 0/],
    [`203.0.113.7 - - ${time} "GET / HTTP/1.1" 200 512`, /posts: is missing; the line has 7/],
    [`203.0.113.7 - - ${time} "GET / HTTP/1.1" 200 512 "-" "Mozilla/5.0"`, /posts: "Mozilla/],
    [`203.0.113.7 - - ${time} "GET / 200 512 20`, /is not closed/],
    [`203.0.113.7 - - [01/Mar/2026 200 512 20 "x" y`, /is not closed/],
    [`203.0.113.7 - - yesterday "GET /" 200 512 20`, /time: "yesterday" is not a time with a time zone/],
    [`203.0.113.7 - "john doe" ${time} "GET /" 200 512 20`, /client: "john doe" is not a valid client id/],
    [`203.0.113.7 - - ${time} "GET /" OK 512 20`, /status: "OK"/],
    [`203.0.113.7 - - ${time} "GET /" 200 512 -5`, /posts: "-5" is not a whole number/],
    [`203.0.113.7 - - ${time} "GET /" 200 512 2.5`, /posts: "2.5"/],
    [`203.0.113.7 - - ${time} "GET /" 200 512 99999999999999999`, /posts: "9+"/],
  ])('%s is malformed, with a reason', (text, reason) => {
    const parsed = common(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.reason).toMatch(reason);
  });

  it('cannot be forged by a client: nothing in quotes becomes a column', () => {
    const evil = fc.string({ unit: anyCharacter }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(evil, evil, (path, agent) => {
        const quoted = (text: string) =>
          `"${text.replace(/["\\\p{Cc}]/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
        const text = `203.0.113.7 - acme ${time} ${quoted(`GET ${path}`)} 200 512 ${quoted(agent)} 20`;
        expect(common(text)).toMatchObject({
          ok: true,
          line: { clientId: 'acme', posts: 20, status: 200, bytes: 512 },
        });
      }),
    );
  });

  it('is parsed or rejected, for any text, and a reason has no control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 200 }), (text) => {
        for (const parsed of [common(text), json(text), json(JSON.stringify({ time: text }))]) {
          if (!parsed.ok) expect(parsed.reason).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});

describe('a line of JSON', () => {
  const time = '2026-03-01T12:00:05+00:00';
  const line = {
    atMs: AT,
    clientId: 'acme',
    address: '203.0.113.7',
    posts: 20,
    status: 200,
    bytes: 512,
    method: 'GET',
  };

  it('has its fields as numbers or as text', () => {
    const fields = { time, client: 'acme', address: '203.0.113.7', method: 'get', other: [1] };
    expect(json(JSON.stringify({ ...fields, posts: 20, status: 200, bytes: 512 }))).toEqual({
      ok: true,
      line,
    });
    expect(json(JSON.stringify({ ...fields, posts: '20', status: '200', bytes: '512' }))).toEqual({
      ok: true,
      line,
    });
  });

  it('needs only the time', () => {
    const nothing = { clientId: null, address: null, posts: null, status: null, bytes: null, method: null };
    expect(json(`{"time":${AT}}`)).toEqual({ ok: true, line: { atMs: AT, ...nothing } });
    expect(json(`{"time":${AT / 1000},"posts":null,"client":"-","status":""}`)).toEqual({
      ok: true,
      line: { atMs: AT, ...nothing },
    });
  });

  it('has fields by paths, and by names that contain dots', () => {
    const parse = jsonLogParser({
      ...DEFAULT_JSON_FIELDS,
      posts: 'response.posts',
      client: 'client.id',
      status: 'http.status',
    });
    const text = JSON.stringify({ time, client: { id: 'acme' }, response: { posts: 3 }, 'http.status': 201 });
    expect(parse(text)).toMatchObject({ ok: true, line: { clientId: 'acme', posts: 3, status: 201 } });
  });

  it.each([
    ['{"time":', /not JSON/],
    ['[1]', /is not a JSON object/],
    ['null', /is not a JSON object/],
    ['{}', /time: is missing/],
    [`{"time":"${time}","posts":-1}`, /posts: "-1"/],
    [`{"time":"${time}","posts":1.5}`, /posts: "1.5"/],
    [`{"time":"${time}","posts":[20]}`, /posts: "\[20\]"/],
    [`{"time":"${time}","posts":true}`, /posts: "true"/],
    [`{"time":"${time}","status":20}`, /status: "20"/],
    ['{"time":{"a":1}}', /time: /],
  ])('%s is malformed', (text, reason) => {
    const parsed = json(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.reason).toMatch(reason);
  });

  it('has no field that every object inherits', () => {
    const parse = jsonLogParser({ ...DEFAULT_JSON_FIELDS, posts: 'constructor.length', client: '__proto__' });
    expect(parse(`{"time":${AT}}`)).toMatchObject({ ok: true, line: { posts: null, clientId: null } });
  });
});
