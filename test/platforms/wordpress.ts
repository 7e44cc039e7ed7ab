/** WordPress: all posts by REST, by feeds and by pages, plain and compressed. */

import { type Door, getPage, walkPages } from './door.ts';

const ENCODINGS = ['identity', 'gzip', 'br'];
const REST_PAGE = 100;
const FEED_PAGE = 20;
const HTML_PAGE = 10;

export async function wordpressDoors(gateway: string, platform: string): Promise<readonly Door[]> {
  const posts = await totalOf(platform, '/wp-json/wp/v2/posts?per_page=1');
  // A sticky post appears on the first page and again at its own place.
  const sticky = await totalOf(platform, '/wp-json/wp/v2/posts?per_page=1&sticky=true');
  const paths: Array<[string, number, number, (page: number) => string]> = [
    ['REST', posts, REST_PAGE, (page) => `/wp-json/wp/v2/posts?per_page=${REST_PAGE}&page=${page}`],
    ['feed', posts, FEED_PAGE, (page) => `/feed/?paged=${page}`],
    ['Atom feed', posts, FEED_PAGE, (page) => `/feed/atom/?paged=${page}`],
    ['HTML', posts + sticky, HTML_PAGE, (page) => (page === 1 ? '/' : `/page/${page}/`)],
  ];
  return ENCODINGS.flatMap((encoding) =>
    paths.map(([name, expected, perPage, pathOf]): Door => {
      const pages = Math.ceil(posts / perPage);
      return {
        name: `WordPress ${name}, ${encoding}`,
        posts: expected,
        walk: (address) =>
          walkPages(
            gateway,
            pathOf(1),
            { 'Accept-Encoding': encoding, 'X-Forwarded-For': address },
            (_page, index) => (index < pages ? pathOf(index + 1) : undefined),
          ),
      };
    }),
  );
}

async function totalOf(platform: string, path: string): Promise<number> {
  const { status, headers } = await getPage(`${platform}${path}`);
  if (status !== 200) throw new Error(`${path}: ${status}`);
  return Number(headers['x-wp-total']);
}
