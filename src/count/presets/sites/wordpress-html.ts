/** WordPress without its REST API: pages of any theme that uses WordPress's own classes, feeds and XML-RPC. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** WordPress itself writes these classes (`post_class`, `body_class`, `comment_class`), in any theme. */
const PAGE: PostsInput = [
  { html: '.type-post', id: 'class^=post-', kind: 'post' },
  // Themes write either an article with the class comment-body inside the comment's list item, or only the list item.
  { html: 'li.comment', id: 'id', kind: 'reply' },
  { html: 'div.comment', id: 'id', kind: 'reply' },
  // In a block theme only the body shows that the page is a single post.
  { html: 'body.single-post', id: 'class^=postid-', fallback: true, kind: 'post' },
];

/** RSS 0.92 and 1.0 have no id element, so the link is the id, as in Atom without one. */
const ENTRY_ID = 'guid|id|link';

/** In comment feeds an entry's id is the address of the comment. */
const ENTRIES: PostsInput = [
  { feed: 'entry', where: 'guid contains "#comment-"', id: ENTRY_ID, kind: 'reply' },
  { feed: 'entry', where: 'id contains "#comment-"', id: ENTRY_ID, kind: 'reply' },
  { feed: 'entry', id: ENTRY_ID, kind: 'post' },
];

const FEEDS = ['application/rss+xml', 'application/atom+xml', 'application/rdf+xml'];

/** Results of methods: one item, a list of items, and both as results of system.multicall. */
const RESULTS = ['', '/array/data/value', '/array/data/value/array/data/value'].map(
  (way) => `/methodResponse/params/param/value${way}/struct`,
);
const MULTICALL_LIST = `/methodResponse/params/param/value${'/array/data/value'.repeat(3)}/struct`;

/** A post names its thumbnail and a comment its post, so the most specific name comes first. */
const STRUCTS: PostsInput = [...RESULTS, MULTICALL_LIST].flatMap(
  (xml): PostsInput => [
    { xml, where: 'member/name == "comment_id"', kind: 'reply' },
    { xml, where: 'member/name in ["postid", "post_id"]', kind: 'post' },
    { xml, where: 'member/name == "attachment_id"', kind: 'media' },
  ],
);

export const wordpressHtml: Preset = {
  name: 'wordpress-html',
  title: 'WordPress pages, feeds and XML-RPC',
  source: [
    'https://developer.wordpress.org/reference/functions/get_post_class/',
    'https://developer.wordpress.org/reference/functions/get_body_class/',
    'https://developer.wordpress.org/reference/functions/get_comment_class/',
    'https://developer.wordpress.org/advanced-administration/wordpress/feeds/',
    'https://codex.wordpress.org/XML-RPC_WordPress_API',
  ],
  notes: {
    post: 'Elements with the class type-post, else the page of a single post; entries of feeds; posts by XML-RPC.',
    reply: 'Comments on a post, entries of comment feeds, comments by XML-RPC.',
    media: 'Attachments by XML-RPC.',
    reference: 'oEmbed previews in XML.',
  },
  doubts: [
    'In a theme without post_class, posts cannot be recognised: it needs a separate route.',
    'Feeds identify a post by its guid, pages and the REST API by its number: as unique posts they count as two.',
  ],
  routes: [
    { name: 'wordpress XML-RPC', path: '/xmlrpc.php/**', methods: ['POST'], format: 'xml', posts: STRUCTS },
    ...FEEDS.map(
      (contentType): RouteInput => ({
        name: 'wordpress feed',
        path: '/**',
        contentType,
        format: 'feed',
        posts: ENTRIES,
      }),
    ),
    ...['/wp-json/oembed/1.0/embed', '/index.php/wp-json/oembed/1.0/embed'].map(
      (path): RouteInput => ({
        name: 'wordpress oEmbed in XML',
        path,
        contentType: 'text/xml',
        format: 'xml',
        posts: [{ xml: '/oembed', kind: 'reference' }],
      }),
    ),
    { name: 'wordpress page', path: '/**', contentType: 'text/html', format: 'html', posts: PAGE },
  ],
};
