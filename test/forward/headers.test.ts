import { describe, expect, it } from 'vitest';
import { mayNameClients, ownHeaderOf } from '../../src/forward/client-header.ts';
import { classOfHeader } from '../../src/forward/header-names.ts';
import { type Hop, requestHeaders } from '../../src/forward/request-headers.ts';
import { responseHeaders } from '../../src/forward/response-headers.ts';
import { FORWARD, UNCOUNTED } from './options.ts';

const STRANGER: Hop = { peer: '203.0.113.7', trusted: false, secure: false };
const PROXY: Hop = { peer: '10.0.0.2', trusted: true, secure: false };
const OPTIONS = { ...FORWARD, upstreamHost: 'origin:8080' };

function sent(
  headers: readonly string[],
  hop = STRANGER,
  options: Parameters<typeof requestHeaders>[2] = OPTIONS,
  clientId = 'acme',
  shape: Parameters<typeof requestHeaders>[4] = UNCOUNTED,
) {
  const flat = requestHeaders(headers, hop, options, clientId, shape);
  const fields: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) fields.push([flat[i]!, flat[i + 1]!]);
  return {
    all: (name: string) => fields.filter(([n]) => n.toLowerCase() === name).map(([, v]) => v),
    fields,
  };
}

describe('request headers', () => {
  it('keeps end-to-end fields in order, letter case and number', () => {
    const { fields } = sent([
      'Host',
      'p.example',
      'cOOkie',
      'a=1',
      'Accept',
      'x',
      'cookie',
      'b=2',
      'X-Odd',
      '\xe9',
    ]);
    expect(fields.slice(0, 4)).toEqual([
      ['cOOkie', 'a=1'],
      ['Accept', 'x'],
      ['cookie', 'b=2'],
      ['X-Odd', '\xe9'],
    ]);
  });

  it.each(['Connection', 'Proxy-Connection', 'Keep-Alive', 'Transfer-Encoding', 'Upgrade', 'Expect'])(
    'removes %s',
    (name) => {
      expect(sent(['Host', 'p', name, 'whatever']).all(name.toLowerCase())).toEqual([]);
    },
  );

  it('removes the fields that Connection names, except Host', () => {
    const { all } = sent(['Host', 'p', 'Connection', 'close, X-Hop, host', 'x-hop', '1', 'X-Stay', '2']);
    expect(all('x-hop')).toEqual([]);
    expect(all('x-stay')).toEqual(['2']);
    expect(all('host')).toEqual(['p']);
  });

  it('cannot be made to drop our forwarding fields', () => {
    const { all } = sent(['Host', 'p', 'Connection', 'X-Forwarded-For, Forwarded, Via']);
    expect(all('x-forwarded-for')).toEqual(['203.0.113.7']);
    expect(all('forwarded')).toEqual(['for=203.0.113.7;host=p;proto=http']);
    expect(all('via')).toEqual(['1.1 postmeter']);
  });

  it('ignores forwarding fields of an untrusted peer', () => {
    const { all } = sent([
      'Host', 'p', 'X-Forwarded-For', '1.2.3.4', 'Forwarded', 'for=1.2.3.4', 'X-Forwarded-Proto', 'https',
      'X-Forwarded-Host', 'evil', 'X-Real-IP', '1.2.3.4', 'X-Forwarded-Port', '1',
    ]); // biome-ignore format: pairs on one line
    expect(all('x-forwarded-for')).toEqual(['203.0.113.7']);
    expect(all('x-forwarded-proto')).toEqual(['http']);
    expect(all('x-forwarded-host')).toEqual(['p']);
    expect(all('x-real-ip')).toEqual([]);
    expect(all('x-forwarded-port')).toEqual([]);
  });

  it.each([STRANGER, PROXY])('takes no underscore for a hyphen, from whomever (%j)', (hop) => {
    const { all } = sent(
      [
        'Host', 'p', 'X_Forwarded_For', '1.2.3.4', 'x_real-ip', '1.2.3.4', 'Transfer_Encoding', 'chunked',
        'CONTENT_LENGTH', '0', 'X_Own', 'kept',
      ], // biome-ignore format: pairs on one line
      hop,
    );
    for (const name of ['x_forwarded_for', 'x_real-ip', 'transfer_encoding', 'content_length']) {
      expect(all(name)).toEqual([]);
    }
    expect(all('x_own')).toEqual(['kept']);
  });

  it('is added to the values of a trusted proxy', () => {
    const { all } = sent(
      [
        'Host',
        'p',
        'X-Forwarded-For',
        '1.2.3.4',
        'Forwarded',
        'for=1.2.3.4',
        'X-Forwarded-Proto',
        'https',
        'Via',
        '2 edge',
      ],
      PROXY,
    );
    expect(all('x-forwarded-for')).toEqual(['1.2.3.4, 10.0.0.2']);
    expect(all('forwarded')).toEqual(['for=1.2.3.4;host=p;proto=https, for=10.0.0.2;host=p;proto=https']);
    expect(all('x-forwarded-proto')).toEqual(['https']);
    expect(all('via')).toEqual(['2 edge, 1.1 postmeter']);
  });

  it('writes IPv6 and ports in Forwarded as RFC 7239 requires', () => {
    const { all } = sent(['Host', 'p:81'], { peer: '2001:db8::1', trusted: false, secure: true });
    expect(all('forwarded')).toEqual(['for="[2001:db8::1]";host="p:81";proto=https']);
  });

  it('keeps TE only for trailers', () => {
    expect(sent(['Host', 'p', 'TE', 'trailers, deflate;q=0.5']).all('te')).toEqual(['trailers']);
    expect(sent(['Host', 'p', 'TE', 'gzip']).all('te')).toEqual([]);
  });

  it('sends the Host of the client, or that of the upstream', () => {
    expect(sent(['Host', 'p']).all('host')).toEqual(['p']);
    expect(sent(['Host', 'p'], STRANGER, { ...OPTIONS, host: 'upstream' }).all('host')).toEqual([
      'origin:8080',
    ]);
    expect(sent([]).all('host')).toEqual(['origin:8080']);
  });

  it('adds no Via if it is switched off', () => {
    expect(sent(['Host', 'p'], STRANGER, { ...OPTIONS, via: null }).all('via')).toEqual([]);
  });
});

describe('the header that names the client', () => {
  const NAMED = { ...OPTIONS, clientHeader: ownHeaderOf('Postmeter-Client') };

  it("is absent unless it is enabled, and a client's field of that name then passes", () => {
    const { all } = sent(['Host', 'p', 'Postmeter-Client', 'mine']);
    expect(all('postmeter-client')).toEqual(['mine']);
  });

  it.each(['Postmeter-Client', 'postmeter-client', 'POSTMETER_CLIENT', 'Postmeter_Client'])(
    'belongs to the gateway: %s from outside is removed, also from a trusted proxy',
    (name) => {
      for (const hop of [STRANGER, PROXY]) {
        const { fields } = sent(['Host', 'p', name, 'victim', 'X-Stay', '1', name, 'other'], hop, NAMED);
        const ours = fields.filter(([n]) => n.toLowerCase().replace('_', '-') === 'postmeter-client');
        expect(ours).toEqual([['Postmeter-Client', 'acme']]);
        expect(fields).toContainEqual(['X-Stay', '1']);
      }
    },
  );

  it('cannot be dropped by Connection', () => {
    const { all } = sent(['Host', 'p', 'Connection', 'Postmeter-Client'], STRANGER, NAMED);
    expect(all('postmeter-client')).toEqual(['acme']);
  });

  it('is safe text for any id', () => {
    const of = (id: string) => sent(['Host', 'p'], STRANGER, NAMED, id).all('postmeter-client')[0];
    expect(of('addr:2001:db8::/64')).toBe('addr:2001:db8::/64');
    expect(of('a\r\nX-Evil: 1')).toBe('a%0D%0AX-Evil:%201');
    expect(of('\ud800é')).toBe('%EF%BF%BD%C3%A9');
  });

  it.each([
    'Host',
    'Content-Length',
    'Authorization',
    'X-Forwarded-For',
    'Via',
    'Connection',
    'Cookie',
    'TE',
  ])('cannot be %s', (name) => expect(mayNameClients(name)).toBe(false));

  it('can be a name that no other header uses', () => {
    expect(mayNameClients('Postmeter-Client')).toBe(true);
    expect(mayNameClients('X-Client')).toBe(true);
  });
});

describe('the header that names the agent', () => {
  it('belongs to the gateway: it is removed from outside', () => {
    const named = { ...OPTIONS, agentHeader: ownHeaderOf('Postmeter-Agent') };
    const outside = ['Host', 'p', 'POSTMETER_AGENT', '"Googlebot";class=search', 'postmeter-agent', '""'];
    const shape = { ...UNCOUNTED, agent: '"";class=unknown' };
    const { fields } = sent(outside, STRANGER, named, 'acme', shape);
    expect(fields.filter(([name]) => /agent/i.test(name))).toEqual([['Postmeter-Agent', '"";class=unknown']]);
  });
});

describe('response headers', () => {
  it('reads the fields that counting needs, and hides the declared count', () => {
    const facts = responseHeaders(
      [
        'Content-Type',
        'application/json',
        'CONTENT-LENGTH',
        '12',
        'Content-Encoding',
        'gzip',
        'x-POST-count',
        '20',
      ],
      'x-post-count',
      null,
    );
    expect(facts).toEqual({
      headers: ['Content-Type', 'application/json', 'CONTENT-LENGTH', '12', 'Content-Encoding', 'gzip'],
      declaredCount: '20',
      contentEncoding: 'gzip',
      contentType: 'application/json',
      contentLength: 12,
      hasTrailer: false,
    });
  });

  it('keeps every cookie, and drops hop-by-hop fields and those that Connection names', () => {
    const { headers } = responseHeaders(
      [
        'Set-Cookie',
        'a=1',
        'Connection',
        'X-Hop',
        'Set-Cookie',
        'b=2',
        'X-Hop',
        '1',
        'Transfer-Encoding',
        'chunked',
      ],
      'x-post-count',
      'postmeter',
    );
    expect(headers).toEqual(['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Via', '1.1 postmeter']);
  });

  it('joins a count that is declared twice, so that it is not a number', () => {
    expect(
      responseHeaders(['X-Post-Count', '1', 'X-Post-Count', '2'], 'x-post-count', null).declaredCount,
    ).toBe('1,2');
  });
});

describe('header names', () => {
  it('are matched in any letter case, also beyond the cache', () => {
    for (let i = 0; i < 3_000; i++) expect(classOfHeader(`X-Made-Up-${i}`)).toBe('end_to_end');
    expect(classOfHeader('tRANSFER-eNCODING')).toBe('hop_by_hop');
  });
});
