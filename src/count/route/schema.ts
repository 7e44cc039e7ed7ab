/** The configuration schema of a route: which requests and responses it matches, and where their posts are. */

import { z } from 'zod';
import { KINDS, kindsSchema } from '../kinds.ts';

/** Maximum number of selectors of one route: each has a bit of a number while HTML or XML is read. */
export const MAX_SELECTORS = 30;
/** Maximum number of selectors for JSON without embedded HTML, in which tests rather than selectors have a bit. */
const MAX_JSON_SELECTORS = 60;

/**
 * How a body is read: the possible first fields of its entries, and whether its frames count one by one while the
 * response runs. Formats of JSON differ in how JSON is framed.
 */
export const FORMATS = {
  json: { entry: ['json'], isStream: false },
  jsonp: { entry: ['json'], isStream: false },
  ndjson: { entry: ['json'], isStream: true },
  'json-seq': { entry: ['json'], isStream: true },
  sse: { entry: ['json'], isStream: true },
  multipart: { entry: ['json'], isStream: true },
  websocket: { entry: ['json'], isStream: true },
  socketio: { entry: ['json'], isStream: true },
  graphql: { entry: ['graphql'], isStream: false },
  feed: { entry: ['feed'], isStream: false },
  xml: { entry: ['xml'], isStream: false },
  html: { entry: ['html', 'jsonld'], isStream: false },
  csv: { entry: ['csv'], isStream: true },
  text: { entry: ['text'], isStream: true },
  car: { entry: ['record'], isStream: false },
  firehose: { entry: ['record'], isStream: true },
} as const satisfies Record<string, { readonly entry: readonly string[]; readonly isStream: boolean }>;
export type Format = keyof typeof FORMATS;
const FORMAT_NAMES = Object.keys(FORMATS) as Format[];

const text = (what: string) => z.string().optional().describe(what);
const flag = (byDefault: boolean, what: string) => z.boolean().default(byDefault).describe(what);

const kind = z
  .enum([...KINDS, 'none'])
  .default('post')
  .describe(
    'The kind of the items; none: they are not posts. If several selectors match one item, the first one applies.',
  );

/** An entry of `posts`: its own fields, and the kind of the items. */
const postsEntry = <Fields extends z.ZodRawShape>(what: string, fields: Fields) =>
  z.strictObject({ ...fields, kind }).describe(what);

/** The fields of entries that find HTML elements, in a page or in a JSON string. */
const elementFields = {
  html: z.string().describe('CSS selector of the elements that contain one post each: article.post.'),
  not: text('CSS selector of elements in which nothing counts: aside, .widget.'),
  id: text(
    'Attribute that contains the id: data-id; or a prefix of one word in it, which is removed: class^=post-.',
  ),
  fallback: flag(
    false,
    'Counts only if no selector of its kind without this option matched anything in the page.',
  ),
};

const jsonPostsSchema = postsEntry('Posts in JSON.', {
  json: z
    .string()
    .describe(
      'JSONPath to the posts: $.data[*], $[*], $.data for a single post; [:] for the elements of lists only, .. for any depth.',
    ),
  where: text(
    'Test on a member of the item: kind == "t3", data.kind != null, type in ["post", "reply"], reblog is present.',
  ),
  sameOrigin: z
    .tuple([z.string(), z.string()])
    .optional()
    .describe(
      'Two members of the item whose addresses must have the same origin: ["actor", "object"]. If a member is an object, its id is used.',
    ),
  id: text('Member of the item that contains its id: id, post.uri.'),
  inside: text('JSONPath within the JSON that the string at the path contains.'),
  scalars: z
    .boolean()
    .optional()
    .describe(
      'true: strings, numbers, booleans and lists in a list are posts too. Otherwise only objects are posts, and a list of ids counts 0.',
    ),
});

const htmlInJsonPostsSchema = postsEntry('Posts in HTML within JSON strings, as infinite scrolling uses.', {
  json: z.string().describe('JSONPath to the strings that contain HTML: $.html, $.items[*].rendered.'),
  inside: z
    .strictObject(elementFields)
    .describe('Location of the posts in the HTML of each string, which is read as a separate page.'),
});

const feedPostsSchema = postsEntry('Posts in a feed.', {
  feed: z
    .enum(['entry', 'item', 'attachment'])
    .describe(
      'entry: the entries of RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed; item, attachment: those of JSON Feed only.',
    ),
  where: text(
    'Test on an element of the entry; if there are several, one must pass: link contains "#comment-", thr:in-reply-to is present. Attribute: category@term == "note". Nested element: author/name. The first 4,096 characters of a text are tested.',
  ),
  id: text(
    'Element or attribute of the entry that contains its id: guid, @rdf:about. Alternatives in order of preference: guid | id | link.',
  ),
});

const xmlPostsSchema = postsEntry('Posts in other XML.', {
  xml: z
    .string()
    .describe(
      'Path of element names from the root to the posts: /rss/channel/item. A name without a prefix is in the namespace of its parent element.',
    ),
  where: text(
    'Test on an element or attribute inside the item, as in a feed: struct/member/name == "post_id".',
  ),
  id: text('Element or attribute of the item that contains its id, as in a feed.'),
});

const htmlPostsSchema = postsEntry('Posts in HTML.', elementFields);

const jsonLdPostsSchema = postsEntry('Posts as JSON-LD in HTML.', {
  jsonld: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      'Types of schema.org in the scripts of the page: BlogPosting, SocialMediaPosting. A post that a CSS selector also finds counts twice: use only one of them.',
    ),
  id: z.string().default('@id').describe('Member that contains the id.'),
});

const graphqlPostsSchema = postsEntry('Posts in a GraphQL response.', {
  graphql: z
    .string()
    .regex(/^(?:Query\.)?[A-Za-z_]\w*$/, 'must be the name of a field, such as posts or Query.posts')
    .describe(
      'Field that contains a post, a list or a connection of posts, anywhere in the request; with the prefix Query. only at the root.',
    ),
  id: text('Field of the post that contains its id, if the request asks for it.'),
});

const csvPostsSchema = postsEntry('Posts as rows of a table.', {
  csv: z.literal('row').describe('The rows of the table; empty rows do not count.'),
  where: text('Test on a column: type == "post", reply_to is absent.'),
  id: z
    .string()
    .min(1)
    .optional()
    .describe('Column that contains the id: its name, or its number from 1 if there is no header.'),
});

const textPostsSchema = postsEntry('Posts in plain text, or any response that is a single post.', {
  text: z
    .enum(['line', 'response'])
    .describe('line: a post begins with each line that matches; response: the whole response is one post.'),
  line: text(
    'With "text": "line": the whole line, with * for any text: "# *", "---", "URL: *"; \\* is an asterisk. The first 1,024 bytes of a line are tested, without trailing spaces.',
  ),
});

const recordPostsSchema = postsEntry('Posts as records of the AT Protocol.', {
  record: z.string().min(1).describe('Type of the records that are posts: app.bsky.feed.post.'),
  where: text('Test on a member of the record: reply is present.'),
});

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
  header: flag(true, 'Whether the first row contains the column names and does not count.'),
  separator: z
    .enum([',', ';', '\t', '|'])
    .optional()
    .describe('Field separator. Default: the most frequent one in the first row.'),
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
    name: z.string().min(1).optional().describe('Name in metrics and logs. Default: the path.'),
    path: z
      .string()
      .startsWith('/')
      .describe(
        'Path, with * for one segment, {language} for an optional segment such as fr or pt-br, and ** at the end for the rest. Letter case is ignored.',
      ),
    methods: z
      .array(z.string().regex(/^[A-Z]+$/, 'must be in capital letters'))
      .min(1)
      .optional()
      .describe(
        'Methods. Default: all, which is safer because a platform may treat POST like GET. An override by the parameter _method, or by X-HTTP-Method-Override of a trusted proxy, also matches.',
      ),
    query: z
      .record(z.string().min(1), z.string())
      .optional()
      .describe(
        'Query parameters that must have this value. A value that begins with / is a path as above; * matches any value.',
      ),
    contentType: z
      .string()
      .regex(/^[\w.+-]+\/(?:\*(?:\+[\w.-]+)?|[\w.+-]+)$/, 'must be a media type such as application/json')
      .optional()
      .describe(
        'The rule applies only to responses of this media type: application/json, application/*+json, text/*. It also reads a body of its form (JSON, XML or a page of HTML) under an ambiguous media type such as text/html or application/json.',
      ),
    format: z
      .enum(FORMAT_NAMES)
      .default('json')
      .describe(
        'How the body is read: json; json framed as jsonp, ndjson (a line each), json-seq, sse (events), multipart, websocket (messages) or socketio (packets of Engine.IO over a WebSocket or by polling: each argument of an event, and each message without events); graphql; feed; xml; html; csv; text; car and firehose (AT Protocol).',
      ),
    events: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('With sse: names of the events that contain posts. Default: all events.'),
    optional: flag(
      false,
      'With feed: a body that is not a feed, by its root element or its version member, counts 0 posts. Default: such a body is uncounted.',
    ),
    csv: csvOptionsSchema.optional().describe('With csv: the form of the table.'),
    documents: z
      .record(z.string().min(1), z.string())
      .optional()
      .describe('With graphql: persisted queries, as documents by id.'),
    posts: z
      .union([z.literal('none'), z.array(postsEntrySchema).min(1).max(MAX_JSON_SELECTORS)])
      .describe('Location of the posts in the body, or "none" if it holds no posts.'),
    kinds: kindsSchema.optional().describe('Kinds of posts that count on this route; overrides count.kinds.'),
  })
  .describe('Location of posts in the responses of a route.');

export type Route = z.output<typeof routeSchema>;

/** Whether the posts are in HTML within JSON strings. */
export function isHtmlInJson(entry: PostsEntry): entry is HtmlInJsonEntry {
  return 'json' in entry && typeof entry.inside === 'object';
}
