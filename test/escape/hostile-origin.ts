/**
 * A platform that helps the scraper: it does with a request whatever some real server does, and nearly always responds
 * with posts. It records what it sent.
 */

import type { IncomingMessage, RequestListener } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

/** The routes under which its posts are counted. */
export const ROUTES = [
  { path: '/**', name: 'posts/*', query: { rest_route: '/wp/v2/posts/*' }, posts: [{ json: '$', id: 'id' }] },
  { path: '/**', name: 'posts', query: { rest_route: '/wp/v2/posts' }, posts: [{ json: '$[:]' }] },
  { path: '/json', posts: [{ json: '$.data[*]' }] },
  { path: '/list', posts: [{ json: '$[:]' }] },
  { path: '/item', posts: [{ json: '$', id: 'id' }] },
  { path: '/feed', format: 'feed', posts: [{ feed: 'entry' }] },
  { path: '/page', format: 'html', posts: [{ html: 'article' }] },
  { path: '/lines', format: 'ndjson', posts: [{ json: '$' }] },
  { path: '/read', methods: ['GET'], posts: [{ json: '$.data[*]' }] },
];

/** Its response to one request. */
export interface Sent {
  /** The parameter that distinguishes attacks, because a response may be late. */
  readonly attack: string;
  readonly posts: number;
}

export function hostileOrigin(sent: Sent[]): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1');
      const { status, headers, content, posts } = answerTo(request, body);
      const hasBody = request.method !== 'HEAD' && status !== 204 && status !== 304;
      const attack = /[?&]attack=(\w+)/.exec(request.url!)?.[1] ?? '';
      sent.push({ attack, posts: hasBody ? posts : 0 });
      response.writeHead(status, headers).end(hasBody ? content : undefined);
    });
  };
}

function answerTo(request: IncomingMessage, body: string) {
  const field = (name: string): string => {
    const values = request.rawHeaders.filter(
      (_, at) => at % 2 === 1 && request.rawHeaders[at - 1]!.toLowerCase().replaceAll('_', '-') === name,
    );
    return values.join(',');
  };
  const target = field('x-original-url') || field('x-rewrite-url') || request.url!;
  const url = new URL(target.startsWith('/') ? `http://a/${target}` : target);
  const own = new URL(request.url!.startsWith('/') ? `http://a/${request.url}` : request.url!);
  const given = [...parametersOf(own.search.slice(1)), ...formOf(request, body)];
  // Like PHP, it uses the last value.
  const parameter = (name: string) => given.findLast(([key]) => key === name)?.[1] ?? '';
  const method = (
    parameter('_method') ||
    field('x-http-method-override') ||
    field('x-method-override') ||
    field('x-http-method') ||
    request.method!
  ).toUpperCase();
  const made = contentOf(
    url.pathname,
    method,
    parameter('rest_route'),
    Number(parameter('posts')) || 7,
    parameter('_fields'),
  );
  return coded(made, field, Number(parameter('error') || parameter('status')) || 200, parameter);
}

interface Made {
  readonly text: string;
  readonly type: string;
  readonly posts: number;
}

function contentOf(pathname: string, method: string, restRoute: string, count: number, fields: string): Made {
  const path = decodeURIComponent(pathname)
    .toLowerCase()
    .split('/')
    .map((segment) => segment.split(';')[0]!)
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
  const post = (id: number) => {
    const whole = { id, title: 't', content: 'c'.repeat(id * 7), link: `https://a/${id}` };
    if (fields === '') return whole;
    return Object.fromEntries(Object.entries(whole).filter(([name]) => fields.split(',').includes(name)));
  };
  const list = Array.from({ length: count }, (_, at) => post(at + 1));
  const json = (value: unknown, posts: number): Made => ({
    text: JSON.stringify(value),
    type: 'application/json',
    posts,
  });
  if (restRoute === '/wp/v2/posts') return json(list, count);
  if (restRoute === '/wp/v2/posts/1') return json(post(1), 1);
  if (path === 'json' || (path === 'read' && method === 'GET')) return json({ data: list }, count);
  if (path === 'list') return json(list, count);
  if (path === 'item') return json(post(1), 1);
  if (path === 'feed') {
    const items = list.map(({ id }) => `<item><guid>${id}</guid></item>`).join('');
    return {
      text: `<rss version="2.0"><channel>${items}</channel></rss>`,
      type: 'application/rss+xml',
      posts: count,
    };
  }
  if (path === 'page') {
    const text = `<!doctype html><main>${'<article>a</article>'.repeat(count)}</main>`;
    return { text, type: 'text/html', posts: count };
  }
  if (path === 'lines') {
    return {
      text: list.map((one) => `${JSON.stringify(one)}\n`).join(''),
      type: 'application/x-ndjson',
      posts: count,
    };
  }
  return { text: '<!doctype html><h1>Nothing</h1>', type: 'text/html', posts: 0 };
}

const CODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  br: brotliCompressSync,
  gzip: gzipSync,
  deflate: deflateSync,
};

/** Chooses the worst for the counter among everything that the request allows. */
function coded(
  { text, type, posts }: Made,
  field: (name: string) => string,
  status: number,
  parameter: (name: string) => string,
) {
  const headers: Record<string, string> = { 'content-type': type };
  const charsets = `${field('accept')} ${field('accept-charset')}`;
  let content = Buffer.from(text, /utf-16/i.test(charsets) ? 'utf16le' : 'utf8');
  const asked = field('accept-encoding')
    .split(',')
    .map((part) => part.trim().split(';')[0]!)
    .filter((coding) => coding !== '');
  const worst = asked.find(
    (coding) => CODERS[coding] === undefined && !['zstd', 'identity'].includes(coding),
  );
  const coding = worst === '*' ? 'compress' : (worst ?? asked.find((one) => CODERS[one] !== undefined));
  if (coding !== undefined) {
    content = Buffer.from((CODERS[coding] ?? ((body: Buffer) => body.reverse()))(content));
    headers['content-encoding'] = coding;
  }
  if (field('a-im') !== '') content = gzipSync(content);
  const from = /^bytes=(\d+)-/.exec(field('range') || field('request-range'))?.[1];
  if (from !== undefined) {
    headers['content-range'] = `bytes ${from}-${content.length - 1}/${content.length}`;
    content = content.subarray(Number(from));
  }
  if (parameter('declared') !== '') headers['x-post-count'] = String(posts);
  if (parameter('length') !== '' || parameter('declared') !== '')
    headers['content-length'] = String(content.length);
  return { status: from === undefined ? status : 206, headers, content, posts };
}

function parametersOf(query: string): Array<[string, string]> {
  return query
    .split(/[&;]/)
    .map((pair) => pair.split('='))
    .map(([name = '', value = '']) => [
      decodeURIComponent(name).replaceAll('.', '_'),
      decodeURIComponent(value),
    ]);
}

function formOf(request: IncomingMessage, body: string): Array<[string, string]> {
  const types = request.rawHeaders.filter(
    (_, at) => at % 2 === 1 && request.rawHeaders[at - 1]!.toLowerCase() === 'content-type',
  );
  // Like Rack, it reads a posted body without a media type as a form.
  const isUntyped = types.length === 0 && request.method === 'POST';
  if (isUntyped || types.some((type) => type.startsWith('application/x-www-form-urlencoded'))) {
    return parametersOf(body);
  }
  const boundary = types.map((type) => /boundary=(.*)/.exec(type)?.[1]).find((found) => found !== undefined);
  if (boundary === undefined) return [];
  return body.split(`--${boundary}`).flatMap((part): Array<[string, string]> => {
    const [, name, file, value] =
      /name="([^"]*)"(; filename="[^"]+")?\r?\n\r?\n([\s\S]*?)\r?\n$/.exec(
        part.replace('; filename=""', ''),
      ) ?? [];
    return name === undefined || file !== undefined ? [] : [[name, value!]];
  });
}
