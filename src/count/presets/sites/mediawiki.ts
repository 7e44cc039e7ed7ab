/** MediaWiki: articles in api.php and rest.php, as raw and rendered text, as pages, exports and feeds. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** Members with the text of a revision: in slots or not, in the first or second version of the format. */
const TEXTS = ["slots.main['*']", 'slots.main.content', "['*']", 'content'];

function revisionsAt(json: string): PostsInput {
  return TEXTS.map((member) => ({ json, where: `${member} is present`, id: 'revid', kind: 'post' as const }));
}

const API: PostsInput = [
  ...revisionsAt('$.query.pages[*].revisions[*]'),
  { json: '$.query.pages[*]', where: 'extract is present', id: 'pageid', kind: 'post' },
  ...revisionsAt('$.query.allrevisions[*].revisions[*]'),
  ...['text', 'wikitext'].map((member) => ({
    json: '$.parse',
    where: `${member} is present`,
    id: 'pageid',
    kind: 'post' as const,
  })),
  { json: '$.query.search[*]', id: 'pageid', kind: 'reference' },
];

const REST_PAGE: PostsInput = ['source', 'html'].map((member) => ({
  json: '$',
  where: `${member} is present`,
  id: 'id',
  kind: 'post',
}));

const REST_SEARCH: PostsInput = [{ json: '$.pages[*]', id: 'id', kind: 'reference' }];

/** The folders in which wikis are installed: the root, Wikipedia's `/w`, and usual names. */
const FOLDERS = ['', '/w', '/wiki', '/mediawiki'];
const at = (path: string): string[] => FOLDERS.map((folder) => `${folder}${path}`);

function restOf(path: string, route: Omit<RouteInput, 'path'>): RouteInput[] {
  return at(`/rest.php/v1${path}`).map((one) => ({ ...route, path: one }));
}

const WHOLE: PostsInput = [{ text: 'response', kind: 'post' }];

export const mediawiki: Preset = {
  name: 'mediawiki',
  title: 'MediaWiki: api.php, rest.php, raw and rendered text, pages, exports and feeds',
  source: [
    'https://www.mediawiki.org/wiki/API:Revisions',
    'https://www.mediawiki.org/wiki/API:Parsing_wikitext',
    'https://www.mediawiki.org/wiki/API:REST_API/Reference',
    'https://www.mediawiki.org/wiki/Manual:Parameters_to_index.php',
    'https://www.mediawiki.org/wiki/Help:Export',
  ],
  notes: {
    post: 'A revision of a page with its text, a parsed page, an extract, a page as raw text, rendered, or as displayed.',
    reference: 'Search results, and changes in feeds, which contain an excerpt or a difference.',
  },
  doubts: [
    'Each revision whose text is in a response counts: a history with texts counts its revisions.',
    'Pages of all namespaces count, including talk pages.',
    'Raw and rendered text cannot be recognised: each such response with a success status counts one.',
    'A file at the address of a page is not counted.',
  ],
  routes: [
    ...at('/api.php').flatMap((path): RouteInput[] => [
      { path, name: 'mediawiki api.php', contentType: 'application/json', posts: API },
      {
        path,
        name: 'mediawiki feed of changes',
        contentType: 'application/*',
        format: 'feed',
        optional: true,
        posts: [{ feed: 'entry', id: 'guid|id', kind: 'reference' }],
      },
    ]),
    ...restOf('/page/*', { name: 'mediawiki rest.php', posts: REST_PAGE }),
    ...restOf('/page/*/with_html', { name: 'mediawiki rest.php', posts: REST_PAGE }),
    ...restOf('/page/*/html', { name: 'mediawiki rest.php HTML', format: 'text', posts: WHOLE }),
    ...restOf('/revision/*/html', { name: 'mediawiki rest.php HTML', format: 'text', posts: WHOLE }),
    ...restOf('/revision/*', { name: 'mediawiki rest.php', posts: REST_PAGE }),
    ...restOf('/search/**', { name: 'mediawiki rest.php search', posts: REST_SEARCH }),
    ...['raw', 'render'].map(
      (action): RouteInput => ({
        path: '/**',
        name: `mediawiki ${action}`,
        query: { action },
        contentType: 'text/*',
        format: 'text',
        posts: WHOLE,
      }),
    ),
    ...['application/xml', 'text/xml'].map(
      (contentType): RouteInput => ({
        path: '/**',
        name: 'mediawiki export',
        contentType,
        format: 'xml',
        posts: [
          { xml: '/mediawiki/page/revision', where: 'text is present', id: 'id', kind: 'post' },
          { xml: '/rss/channel/item', id: 'guid', kind: 'reference' },
          { xml: '/feed/entry', id: 'id', kind: 'reference' },
        ],
      }),
    ),
    ...['application/rss+xml', 'application/atom+xml'].map(
      (contentType): RouteInput => ({
        path: '/**',
        name: 'mediawiki feed',
        contentType,
        format: 'feed',
        posts: [{ feed: 'entry', id: 'guid|id', kind: 'reference' }],
      }),
    ),
    {
      path: '/**',
      name: 'mediawiki page',
      contentType: 'text/html',
      format: 'html',
      posts: [{ html: 'body.action-view:not(.ns-special) #mw-content-text .mw-parser-output', kind: 'post' }],
    },
  ],
};
