/** Text from clients and upstreams enters logs, CSV, problems and headers as data, never as syntax. */

import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import parseForwarded from 'forwarded-parse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rateLimitHeaders } from '../../src/admit/rate-limit-headers.ts';
import { openLog } from '../../src/entry/logs/log.ts';
import { redactTarget } from '../../src/entry/logs/redact-target.ts';
import { requestHeaders } from '../../src/forward/request-headers.ts';
import { csvLines } from '../../src/report/csv.ts';
import { DEFAULT_TARIFF } from '../../src/tariff/tariff.ts';
import { type ApiRig, apiRig } from '../admin/api-rig.ts';
import { FORWARD, UNCOUNTED } from '../forward/options.ts';
import { anyCharacter } from '../support/characters.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import { speak } from '../support/http/speak.ts';
import { type RecordingOrigin, startRecordingOrigin } from '../support/origins/bytes.ts';

/** Texts that try to end a line, a string, a cell, a tag or a colour. */
const HOSTILE = [
  'a\nb',
  'a\r\n{"level":"fatal"}',
  '","level":"fatal","x":"',
  '\u001b[2J\u001b[31m',
  '\u2028\u2029\u0085',
  '<script>alert(1)</script>',
  '=HYPERLINK("http://203.0.113.1")',
  '\u0000\ud800',
];

describe('into the log', () => {
  const linesOf = (write: (log: ReturnType<typeof openLog>) => void): string => {
    const lines: string[] = [];
    write(openLog('trace', { destination: { write: (line: string) => void lines.push(line) } }));
    return lines.join('');
  };

  it.each(HOSTILE)('%j is one line of JSON, in a field, a message, a name and an error', (text) => {
    const lines = linesOf((log) => {
      const error = Object.assign(new Error(text, { cause: new Error(text) }), { code: text });
      log.error({ client: text, [text]: 1, err: error, deep: { route: text } }, text);
    });
    expect(lines.match(/\n/g)).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal obeys them
    expect(lines.slice(0, -1)).not.toMatch(/[\u0000-\u001f]/);
    expect(JSON.parse(lines)).toMatchObject({
      level: 'error',
      msg: text,
      err: { type: 'Error' },
    });
  });

  it('an error reveals only named fields: no command of a driver, input of a parser or row of a query', () => {
    const reply = Object.assign(new Error('WRONGPASS'), {
      code: 'WRONGPASS',
      command: { name: 'auth', args: ['mark-of-redis'] },
    });
    const query = new Error('Failed query: insert into t values ($1)\nparams: mark-one,\nmark-two', {
      cause: Object.assign(new Error('duplicate key'), {
        detail: 'Key (k)=(mark-three)',
        parameters: ['mark'],
      }),
    });
    const url = Object.assign(new TypeError('Invalid URL'), {
      code: 'ERR_INVALID_URL',
      input: 'x://u:mark@',
    });
    const lines = linesOf((log) => {
      for (const err of [reply, query, url, new AggregateError([reply, query, url], 'all')])
        log.error({ err });
    });
    expect(lines).not.toContain('mark');
    expect(lines).toContain('"code":"WRONGPASS"');
    expect(lines).toContain('insert into t values ($1)');
    expect(lines).toContain('duplicate key');
    expect(lines.trimEnd().split('\n')).toHaveLength(4);
  });

  it('a target is logged without the values of its query', () => {
    expect(redactTarget('/posts')).toBe('/posts');
    expect(redactTarget('/posts?api_key=mark&n=1&bare&x==y?&')).toBe('/posts?api_key=...&n=...&bare&x=...&');
    expect(redactTarget('/?a=b\nmark')).toBe('/?a=...');
  });
});

describe('into CSV', () => {
  it.each(['=1', '+1', '-1', '@A1', '\t=1', '\r=1', ' =1', '\u00a0=1', '\uff1d1', '"=1', "'=1"])(
    'a cell that begins with %j is text',
    (text) => {
      for (const rest of ['', '+cmd|calc', '",=1', '\r\n=1', ';=1']) {
        const [[cell] = []] = parse(csvLines([[text + rest, 'end']]), {
          record_delimiter: '\r\n',
        }) as string[][];
        expect(cell).not.toMatch(/^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/);
        expect(cell).toContain(rest);
      }
    },
  );

  it('rows and cells keep their number for any text', () => {
    const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: anyCharacter }));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 4 }), (rows) => {
        const read = parse(csvLines(rows), { record_delimiter: '\r\n' }) as string[][];
        expect(read.map((row) => row.length)).toEqual(rows.map(() => 2));
      }),
    );
  });
});

describe('into headers', () => {
  const sent = (host: string, others: string[] = [], trusted = false) => {
    const hop = { peer: '192.0.2.7', trusted, secure: false };
    const flat = requestHeaders(['Host', host, ...others], hop, FORWARD, 'acme', UNCOUNTED);
    return new Map(
      flat.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), flat[i + 1]!] as const] : [])),
    );
  };
  /** The parser accepts these characters in a value: visible ASCII, blank, tab and bytes above 0x7f. */
  const value = fc.string({
    unit: fc.constantFrom(...' \t!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~aZ09\xe9\xff'),
    maxLength: 20,
  });

  it('Forwarded has one element, ours, for any Host', () => {
    fc.assert(
      fc.property(value, (host) => {
        const forwarded = sent(host).get('forwarded')!;
        fc.pre(/^[\x20-\x7e]*$/.test(host));
        const elements = parseForwarded(forwarded);
        expect(elements).toHaveLength(1);
        expect(elements[0]).toMatchObject({ for: '192.0.2.7', proto: 'http' });
      }),
    );
  });

  it('an untrusted client writes nothing into X-Forwarded-For, Forwarded or X-Real-IP', () => {
    fc.assert(
      fc.property(value, (text) => {
        const names = ['X-Forwarded-For', 'x-forwarded-FOR', 'Forwarded', 'X-Real-IP', 'X_Forwarded_For'];
        const fields = sent(
          'a',
          names.flatMap((name) => [name, text]),
        );
        expect(fields.get('x-forwarded-for')).toBe('192.0.2.7');
        expect(fields.get('forwarded')).toBe('for=192.0.2.7;host=a;proto=http');
        expect(fields.has('x-real-ip')).toBe(false);
        expect(fields.has('x_forwarded_for')).toBe(false);
      }),
    );
  });

  it('RateLimit contains only our numbers', () => {
    const total = { posts: 7, isComplete: true } as unknown as Parameters<typeof rateLimitHeaders>[1];
    const { policy, limit } = rateLimitHeaders(DEFAULT_TARIFF, total, 0)!;
    expect(policy).toMatch(/^"posts-\d+[hms]";q=\d+;w=\d+;postmeter-unit="posts"$/);
    expect(limit).toMatch(/^"posts-\d+[hms]";r=\d+;t=\d+$/);
  });
});

describe('into problems', () => {
  let rig: ApiRig;
  beforeAll(async () => {
    rig = await apiRig('pglite', 'security-injection');
  });
  afterAll(() => rig.close());

  it.each(HOSTILE)('of the API, %j stays inside a string, and no response is a page', async (text) => {
    const asked = encodeURIComponent(Buffer.from(text).toString());
    const headers = { accept: 'text/html' };
    for (const answer of [
      await rig.call('GET', `/v1/clients/${asked}`, { headers }),
      await rig.call('GET', `/v1/clients?cursor=${asked}`, { headers }),
      await rig.call('GET', `/v1/${asked}`, { headers }),
      await rig.call('POST', '/v1/clients', { json: { name: 'x', [text]: text }, headers }),
      await rig.call('POST', '/v1/tokens', { json: { name: text, roles: [text] }, headers }),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(Object.keys(answer.json).sort()).toEqual(
        expect.arrayContaining(['detail', 'status', 'title', 'type']),
      );
    }
  });

  it.each(HOSTILE)(
    'of the console, a path of %j is answered with a page that does not contain it',
    async (text) => {
      const path = `/${encodeURIComponent(Buffer.from(text).toString())}`;
      const answer = await rig.call('GET', path, { headers: { accept: 'text/html' }, token: null });
      expect(answer.status).toBe(404);
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.text).not.toContain(text.trim() || path);
    },
  );
});

describe('through the whole gateway', () => {
  let origin: RecordingOrigin;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    origin = await startRecordingOrigin();
    gateway = await startGatewayProcess({
      upstream: origin.url,
      env: { LOG_LEVEL: 'trace' },
      config: { routes: [{ path: '/**', posts: [{ json: '$.data[*]' }] }] },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await origin?.stop();
  });

  it('every log line is one object of ours, for any path, field or answer', async () => {
    const hostile = '%0d%0a{"level":"fatal"}%1b[2J?x=%00&y="}';
    origin.answers.set(`/reset${hostile}`, (socket) => socket.resetAndDestroy());
    origin.answers.set(`/type${hostile}`, 'HTTP/1.1 200 OK\r\nContent-Type: application/json\x1f\r\n\r\n');
    const body = '\x1b[2J{"level":"fatal"\n';
    origin.answers.set(
      `/shape${hostile}`,
      `HTTP/1.1 200 "}\t\xff\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    for (const path of ['/reset', '/type', '/shape']) {
      const fields = [
        'User-Agent: "}\t\xff',
        'X-API: {"level":"fatal"}',
        'Referer: \xe2\x80\xa8',
        'Connection: close',
      ];
      const said = await speak(
        gateway.url,
        `GET ${path}${hostile} HTTP/1.1\r\nHost: a\r\n${fields.join('\r\n')}\r\n\r\n`,
      );
      expect(said.statuses.length).toBeGreaterThan(0);
    }
    await expect.poll(() => gateway.log.join('\n')).toContain('could not be counted');
    expect(gateway.log.join('\n')).toContain('the upstream failed');
    for (const line of gateway.log) {
      expect(JSON.parse(line)).toMatchObject({
        service: 'postmeter',
        level: expect.stringMatching(/^(info|warn|debug)$/),
      });
    }
  });

  it('a problem of the gateway contains nothing that the client sent', async () => {
    for (const headers of [{ authorization: 'Bearer <script>' }, { 'x-api-key': '"}<b>' }] as const) {
      const reply = await ask(gateway.url, '/<script>', {
        headers: { ...headers, accept: 'text/html' },
      }).catch(() => ask(gateway.url, '/%3Cscript%3E', { headers }));
      expect(reply.status).toBe(401);
      expect(reply.headers['content-type']).toBe('application/problem+json');
      expect(reply.body.toString()).not.toMatch(/script|<b>/);
    }
  });
});
