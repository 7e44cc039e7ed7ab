/** What may be written about a route: which requests and responses it holds for, and where posts stand in them. */

import { z } from 'zod';
import { KINDS, kindsSchema } from '../kinds.ts';

/** Most selectors of one route: each has a bit of a number while a body of HTML or XML is read. */
export const MAX_SELECTORS = 30;
/** The same for JSON without HTML in it, in which a test and not a selector has a bit. */
const MAX_JSON_SELECTORS = 60;

/** How a body is read. Those of one group differ in how JSON is framed. */
export const FORMATS = [
  'json',
  'jsonp',
  'ndjson',
  'json-seq',
  'sse',
  'multipart',
  'websocket',
  'socketio',
  'graphql',
  'feed',
  'xml',
  'html',
  'csv',
  'text',
  'car',
  'firehose',
] as const;
export type Format = (typeof FORMATS)[number];

/** Formats whose frames count one by one, while the response runs on. */
const STREAMS: ReadonlySet<Format> = new Set([
  'ndjson',
  'json-seq',
  'sse',
  'multipart',
  'websocket',
  'socketio',
  'csv',
  'text',
  'firehose',
]);

export function isStream(format: Format): boolean {
  return STREAMS.has(format);
}

const kind = z
  .enum([...KINDS, 'none'])
  .default('post')
  .describe(
    'What the items are; none: no posts at all. Of several selectors that find one item, the first that fits says it.',
  );

/** What finds elements in HTML, in a page or in a string of JSON. */
const elementFields = {
  html: z.string().describe('CSS selector of the elements that hold one post each: article.post.'),
  not: z.string().optional().describe('CSS selector of elements in which nothing counts: aside, .widget.'),
  id: z
    .string()
    .optional()
    .describe(
      'Attribute that holds the id: data-id; or the word of it that begins so, without its beginning: class^=post-.',
    ),
  otherwise: z
    .boolean()
    .default(false)
    .describe('Counts only where no selector of its kind without this found anything in the page.'),
};

const jsonPostsSchema = z
  .strictObject({
    json: z
      .string()
      .describe(
        'JSONPath to the posts: $.data[*], $[*], $.data for a single one; [:] for the elements of lists only, .. for any depth.',
      ),
    where: z
      .string()
      .optional()
      .describe(
        'Test on a member of the item: kind == "t3", data.kind != null, type in ["post", "reply"], reblog is present.',
      ),
    sameOrigin: z
      .tuple([z.string(), z.string()])
      .optional()
      .describe(
        'Two members of the item, whose addresses must have the same origin: ["actor", "object"]. An object at one of them is known by its id.',
      ),
    id: z.string().optional().describe('Member of the item that holds its id: id, post.uri.'),
    inside: z
      .string()
      .optional()
      .describe('What stands at the path is a string that holds JSON itself; this is the JSONPath in it.'),
    scalars: z
      .boolean()
      .optional()
      .describe(
        'true: strings, numbers, booleans and lists in a list are posts too. Otherwise only objects are, so that a list of ids counts 0.',
      ),
    kind,
  })
  .describe('Posts in JSON.');

const htmlInJsonPostsSchema = z
  .strictObject({
    json: z.string().describe('JSONPath to the strings that hold HTML: $.html, $.items[*].rendered.'),
    inside: z
      .strictObject(elementFields)
      .describe('Where the posts are in the HTML of each string, which is read as a page by itself.'),
    kind,
  })
  .describe('Posts in HTML that JSON holds in strings, as pages of infinite scroll do.');

const feedPostsSchema = z
  .strictObject({
    feed: z
      .enum(['entry', 'item', 'attachment'])
      .describe(
        'entry: the entries of RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed; item, attachment: those of JSON Feed alone.',
      ),
    where: z
      .string()
      .optional()
      .describe(
        'Test on an element of the entry, one of several is enough: link contains "#comment-", thr:in-reply-to is present; on an attribute: category@term == "note". / leads down: author/name. Of a text, the first 4,096 characters are tested.',
      ),
    id: z
      .string()
      .optional()
      .describe(
        'Element or attribute of the entry that holds its id: guid, @rdf:about; several with | between them in the order of preference: guid | id | link.',
      ),
    kind,
  })
  .describe('Posts in a feed.');

const xmlPostsSchema = z
  .strictObject({
    xml: z
      .string()
      .describe(
        'Path of element names from the root to the posts: /rss/channel/item. A name without prefix means the namespace of the element around it.',
      ),
    where: z
      .string()
      .optional()
      .describe(
        'Test on an element or attribute inside the item, as in a feed: struct/member/name == "post_id".',
      ),
    id: z.string().optional().describe('Element or attribute of the item that holds its id, as in a feed.'),
    kind,
  })
  .describe('Posts in other XML.');

const htmlPostsSchema = z
  .strictObject({
    ...elementFields,
    kind,
  })
  .describe('Posts in HTML.');

const jsonLdPostsSchema = z
  .strictObject({
    jsonld: z
      .array(z.string().min(1))
      .min(1)
      .describe(
        'Types of schema.org in the scripts of the page: BlogPosting, SocialMediaPosting. A post that a CSS selector finds too counts twice: write one of them.',
      ),
    id: z.string().default('@id').describe('Member that holds the id.'),
    kind,
  })
  .describe('Posts as JSON-LD in HTML.');

const graphqlPostsSchema = z
  .strictObject({
    graphql: z
      .string()
      .regex(/^(?:Query\.)?[A-Za-z_]\w*$/, 'must be the name of a field, such as posts or Query.posts')
      .describe(
        'Field that holds a post, a list or a connection of them, wherever the request asks for it; with Query. before it at the root only.',
      ),
    id: z.string().optional().describe('Field of the post that holds its id, where the request asks for it.'),
    kind,
  })
  .describe('Posts in a GraphQL response.');

const csvPostsSchema = z
  .strictObject({
    csv: z.literal('row').describe('The rows of the table; those without a value are none.'),
    where: z.string().optional().describe('Test on a column: type == "post", reply_to is absent.'),
    id: z
      .string()
      .min(1)
      .optional()
      .describe('Column that holds the id: its name, or its number from 1 where there is no header.'),
    kind,
  })
  .describe('Posts as rows of a table.');

const textPostsSchema = z
  .strictObject({
    text: z
      .enum(['line', 'response'])
      .describe('line: a post begins with each line that matches; response: the whole response is one post.'),
    line: z
      .string()
      .optional()
      .describe(
        'With "text": "line": the whole line, with * for any text: "# *", "---", "URL: *"; \\* is an asterisk. The first 1,024 bytes of a line are tested, without spaces at its end.',
      ),
    kind,
  })
  .describe('Posts in plain text, or a response of any kind that is one post.');

const recordPostsSchema = z
  .strictObject({
    record: z.string().min(1).describe('Type of the records that are posts: app.bsky.feed.post.'),
    where: z.string().optional().describe('Test on a member of the record: reply is present.'),
    kind,
  })
  .describe('Posts as records of the AT Protocol.');

export const postsEntrySchema = z.union([
  jsonPostsSchema,
  htmlInJsonPostsSchema,
  feedPostsSchema,
  xmlPostsSchema,
  htmlPostsSchema,
  jsonLdPostsSchema,
  graphqlPostsSchema,
  csvPostsSchema,
  textPostsSchema,
  recordPostsSchema,
]);

const csvOptionsSchema = z.strictObject({
  header: z.boolean().default(true).describe('Whether the first row names the columns and is no post.'),
  separator: z
    .enum([',', ';', '\t', '|'])
    .optional()
    .describe('Between two fields; left out, the one that the first row uses most.'),
});
export type CsvOptions = z.output<typeof csvOptionsSchema>;

export type PostsEntry = z.output<typeof postsEntrySchema>;
export type HtmlInJsonEntry = z.output<typeof htmlInJsonPostsSchema>;
export type JsonEntry = z.output<typeof jsonPostsSchema>;
export type FeedEntry = z.output<typeof feedPostsSchema>;
export type XmlEntry = FeedEntry | z.output<typeof xmlPostsSchema>;
export type HtmlEntry = z.output<typeof htmlPostsSchema> | z.output<typeof jsonLdPostsSchema>;
export type CsvEntry = z.output<typeof csvPostsSchema>;
export type TextEntry = z.output<typeof textPostsSchema>;
export type GraphqlEntry = z.output<typeof graphqlPostsSchema>;
export type RecordEntry = z.output<typeof recordPostsSchema>;

export const routeSchema = z
  .strictObject({
    name: z.string().min(1).optional().describe('Name in metrics and logs; the path, where there is none.'),
    path: z
      .string()
      .startsWith('/')
      .describe(
        'Path, with * for one segment, {language} for one such as fr or pt-br or for none, and ** at the end for the rest. Letter case is ignored.',
      ),
    methods: z
      .array(z.string().regex(/^[A-Z]+$/, 'must be in capital letters'))
      .min(1)
      .optional()
      .describe(
        'Methods; all if it is left out, which is safer: a platform may take POST for GET. A method that the request asks for by _method, or a trusted proxy by X-HTTP-Method-Override, fits too.',
      ),
    query: z
      .record(z.string().min(1), z.string())
      .optional()
      .describe(
        'Query parameters that must be there with this value; a value that begins with / is a path as above, and * stands for any value.',
      ),
    contentType: z
      .string()
      .regex(/^[\w.+-]+\/(?:\*(?:\+[\w.-]+)?|[\w.+-]+)$/, 'must be a media type such as application/json')
      .optional()
      .describe(
        'The rule holds for responses of this media type only: application/json, application/*+json, text/*. It also reads a body of its form (JSON, XML or a page of HTML) under a media type that says nothing for certain, such as text/html or application/json.',
      ),
    format: z
      .enum(FORMATS)
      .default('json')
      .describe(
        'How the body is read: json; json framed as jsonp, ndjson (a line each), json-seq, sse (events), multipart, websocket (messages) or socketio (packets of Engine.IO over a WebSocket or by polling: each argument of an event, and each message without events); graphql; feed; xml; html; csv; text; car and firehose (AT Protocol).',
      ),
    events: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('With sse: names of the events that hold posts; all where there are none.'),
    optional: z
      .boolean()
      .default(false)
      .describe(
        'With feed: a body that is not a feed, by its root element or its version member, holds no posts; without it, such a body is uncounted.',
      ),
    csv: csvOptionsSchema.optional().describe('With csv: how the table is written.'),
    documents: z
      .record(z.string().min(1), z.string())
      .optional()
      .describe('With graphql: persisted queries, the document of each by its id.'),
    posts: z
      .union([z.literal('none'), z.array(postsEntrySchema).min(1).max(MAX_JSON_SELECTORS)])
      .describe('Where posts are found in the body, or "none" where there are none.'),
    kinds: kindsSchema
      .optional()
      .describe('Which kinds of posts count on this route, where it differs from count.kinds.'),
  })
  .describe('Where posts are found in the responses of a route.');

export type Route = z.output<typeof routeSchema>;

/** Whether the posts stand in HTML that strings of JSON hold. */
export function isHtmlInJson(entry: PostsEntry): entry is HtmlInJsonEntry {
  return 'json' in entry && typeof entry.inside === 'object';
}
