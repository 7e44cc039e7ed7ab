/** WordPress without its REST API: the pages of any theme that uses WordPress's own classes, feeds and XML-RPC. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** WordPress writes these classes itself (`post_class`, `body_class`, `comment_class`), whatever the theme. */
const PAGE: PostsInput = [
  { html: '.type-post', id: 'class^=post-', kind: 'post' },
  // Themes write an article with the class comment-body in the list item of the comment, or only that item.
  { html: 'li.comment', id: 'id', kind: 'reply' },
  { html: 'div.comment', id: 'id', kind: 'reply' },
  // In a block theme nothing but the body says that the page is one post.
  { html: 'body.single-post', id: 'class^=postid-', otherwise: true, kind: 'post' },
];

/** RSS 0.92 and 1.0 have no element with an id: the link stands for it, as it does in Atom without one. */
const ENTRY_ID = 'guid|id|link';

/** In the feeds of comments an entry's id is the address of the comment. */
const ENTRIES: PostsInput = [
  { feed: 'entry', where: 'guid contains "#comment-"', id: ENTRY_ID, kind: 'reply' },
  { feed: 'entry', where: 'id contains "#comment-"', id: ENTRY_ID, kind: 'reply' },
  { feed: 'entry', id: ENTRY_ID, kind: 'post' },
];

const FEEDS = ['application/rss+xml', 'application/atom+xml', 'application/rdf+xml'];

/** What methods answer with: one item, a list of them, and both again as the results of system.multicall. */
const RESULTS = ['', '/array/data/value', '/array/data/value/array/data/value'].map(
  (way) => `/methodResponse/params/param/value${way}/struct`,
);
const MULTICALL_LIST = `/methodResponse/params/param/value${'/array/data/value'.repeat(3)}/struct`;

/** A post names its thumbnail and a comment its post: the narrowest name comes first. */
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
    post: 'Elements of the class type-post, else the page of one post; entries of feeds; posts by XML-RPC.',
    reply: 'Comments under a post, entries of the feeds of comments, comments by XML-RPC.',
    media: 'Attachments by XML-RPC.',
    reference: 'oEmbed previews in XML.',
  },
  doubts: [
    'A theme that leaves post_class out shows posts that nobody can tell from the page: it needs an own route.',
    'A feed names a post by its guid, pages and the REST API by its number: as unique posts they are two.',
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
