/** The doors of a blog: all requests by which WordPress returns its posts, in the spellings that it understands. */

import { type Blog, HOST } from './wordpress-network.ts';

export interface BlogDoor {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  /** The Host field. */
  readonly host: string;
  /** Media type and content of the request. */
  readonly sent: { readonly type: string; readonly body: string } | null;
}

const DAY = '/2026/03/05/post-5/';

/** Relative to the address of the blog. */
const PATHS = wordsOf(`
  / /page/2/ /2026/ /2026/03/ /2026/03/05/ ${DAY} ${DAY}embed/ ${DAY}feed/
  /author/admin/ /category/minerals/ /tag/stone/ /?s=stone /?author=1 /?cat=2 /?m=202603
  /feed/ /feed/rdf/ /feed/rss/ /feed/atom/ /?feed=rss2 /comments/feed/ /category/minerals/feed/
  /wp-json/wp/v2/posts /wp-json/wp/v2/posts?_envelope /wp-json/wp/v2/posts?_jsonp=cb /wp-json/wp/v2/comments
  /wp-json/wp/v2/search?search=stone /index.php/wp-json/wp/v2/posts /?rest_route=/wp/v2/posts
  /index.php?rest_route=%2Fwp%2Fv2%2Fposts /favicon.ico?rest_route=/wp/v2/posts`);

/**
 * Other spellings of requests for posts, relative to the address of the network. WordPress chooses the blog by the first
 * segment as it was sent, while nginx resolves dot segments. It drops segments that PHP takes for false. It finds blogs by a
 * comparison of MariaDB, for which letters with and without accents are equal; Node refuses them unless they are escaped.
 */
function spellingsOf(name: string): string[] {
  const posts = '?rest_route=/wp/v2/posts';
  const accented = Buffer.from(name.replaceAll('e', 'é')).toString('latin1');
  return wordsOf(`
    //${name}//feed/ /${name.toUpperCase()}/feed/ /${name}${posts} /${name}/./feed/
    /${name}/../${posts} /${name}/..${posts} /${name}/%2e%2e/${posts} /${name}/..;/${posts}
    /${name}/../robots.txt /${name}/../favicon.ico /${name}/../.well-known/x /${name}/../sitemap.xml
    /0/${name}/${posts} /0/0//${name}/${posts} /${accented}/${posts}`);
}

function wordsOf(text: string): string[] {
  return text.trim().split(/\s+/);
}

const LOGIN = '<param><value>admin</value></param><param><value>admin-pass-1</value></param>';
const XML_RPC = `<?xml version="1.0"?><methodCall><methodName>wp.getPosts</methodName><params><param><value><int>1</int></value></param>${LOGIN}</params></methodCall>`;

/** @param name of the blog's folder. */
export function doorsOf(name: string, { id, post }: Blog): BlogDoor[] {
  const permalink = encodeURIComponent(`http://${HOST}/${name}${DAY}`);
  const file = `/wp-content/uploads/sites/${id}/2026/03/note.txt`;
  const own = [
    ...[...PATHS, `/?p=${post}`, `/wp-json/wp/v2/posts/${post}`].map((path) => `/${name}${path}`),
    ...['', '&format=xml'].map((format) => `/${name}/wp-json/oembed/1.0/embed?url=${permalink}${format}`),
    ...[file, `/two${file}`, `/${name}${file}`],
    ...spellingsOf(name),
  ].map((path): BlogDoor => ({ path, method: 'GET', host: HOST, sent: null }));
  const posts = `/${name}/wp-json/wp/v2/posts`;
  const form = { type: 'application/x-www-form-urlencoded', body: 'rest_route=/wp/v2/posts&_method=GET' };
  return [
    ...own,
    // WordPress serves its REST API for the host with www, too.
    ...[`www.${HOST}`, `${HOST}:80`, `WWW.${HOST}:443`].map((host) => ({ ...own[0]!, path: posts, host })),
    { path: `/${name}/`, method: 'POST', host: HOST, sent: form },
    { path: `/${name}/xmlrpc.php`, method: 'POST', host: HOST, sent: { type: 'text/xml', body: XML_RPC } },
  ];
}

export function doorText({ method, host, path }: BlogDoor): string {
  return `${method} ${host}${path}`;
}
