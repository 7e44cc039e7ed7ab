/** The configuration file: its shape, its defaults and its bounds. Every field has a description for the JSON Schema. */

import { z } from 'zod';
import { kindsSchema } from '../count/kinds.ts';
import { baseSchema } from '../count/presets/place.ts';
import { PRESET_NAMES } from '../count/presets/presets.ts';
import { routeSchema } from '../count/route/schema.ts';
import { mayNameClients } from '../forward/client-header.ts';
import { REWRITING_HEADERS } from '../forward/header-names.ts';
import { identifySettingsSchema, trustedProxiesSchema } from '../identify/settings.ts';

const HOUR_MS = 3_600_000;
const GIB = 1024 ** 3;

const milliseconds = (max: number) => z.int().min(1).max(max);
const bytes = (max: number) => z.int().min(1).max(max);

/** Where the platform answers. A path in it would be lost: paths pass untouched. */
export const upstreamUrlSchema = z
  .string()
  .regex(/^https?:\/\/[^/?#@\s]+\/?$/i, {
    error:
      'must be an http:// or https:// URL of scheme, host and port alone: write one such as http://127.0.0.1:3000',
    abort: true,
  })
  .refine((url) => URL.canParse(url), { error: 'is no URL: write one such as http://127.0.0.1:3000' });

const upstreamSchema = z
  .strictObject({
    url: upstreamUrlSchema
      .optional()
      .describe('Where the platform answers. The environment variable UPSTREAM wins over it.'),
    host: z
      .enum(['client', 'upstream'])
      .default('client')
      .describe('Which Host the platform sees: the one that the client sent, or that of its own URL.'),
    via: z
      .union([
        z.string().regex(/^[A-Za-z0-9._-]+$/, 'must be letters, digits, ".", "_" and "-"'),
        z.literal(false),
      ])
      .default('postmeter')
      .describe(
        'Our name in the Via field; false adds none (nginx, for one, compresses less where it sees Via).',
      ),
    clientHeader: z
      .string()
      .max(128)
      .regex(/^[A-Za-z0-9-]+$/, {
        error: 'is not the name of a header: write letters, digits and hyphens, such as "Postmeter-Client"',
        abort: true,
      })
      .refine(mayNameClients, {
        error: 'has a meaning of its own: write a name that nobody else uses, such as "Postmeter-Client"',
      })
      .optional()
      .describe(
        'Header that tells the platform the id of the client, for its log; the same name from outside is taken out.',
      ),
    rewritingHeaders: z
      .array(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'must be the name of a header'))
      .max(200)
      .default([...REWRITING_HEADERS])
      .describe(
        'Headers in place of which a platform may read path, host or method. They are taken out unless a trusted proxy sent them. [] lets all pass: a client may then get posts from a path that is not counted.',
      ),
    forwarded: z
      .boolean()
      .default(true)
      .describe('Whether the platform gets Forwarded (RFC 7239). It agrees with X-Forwarded-*.'),
    xForwarded: z
      .boolean()
      .default(true)
      .describe(
        'Whether the platform gets X-Forwarded-For, -Proto and -Host. Without both it takes us for the client.',
      ),
    caFile: z.string().optional().describe('PEM file of the authorities that may sign the certificate.'),
    servername: z
      .string()
      .optional()
      .describe('Name for SNI and the certificate, where it is not that of the URL.'),
    connections: z
      .int()
      .min(1)
      .max(10_000)
      .default(256)
      .describe('Connections kept to the platform, at most.'),
    maxQueued: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(5_000)
      .describe('Requests that wait for a connection to the platform; further ones are answered with 503.'),
    connectTimeoutMs: milliseconds(HOUR_MS).default(5_000).describe('To make a connection.'),
    headersTimeoutMs: milliseconds(HOUR_MS)
      .default(60_000)
      .describe('From the request to the first byte of an answer.'),
    bodyTimeoutMs: milliseconds(24 * HOUR_MS)
      .default(300_000)
      .describe('Between two chunks of an answer.'),
  })
  .prefault({});

const listenSchema = z
  .strictObject({
    tls: z
      .strictObject({ certFile: z.string(), keyFile: z.string() })
      .optional()
      .describe('PEM files; read again when they change.'),
    maxHeaderBytes: z
      .int()
      .min(1_024)
      .max(1_048_576)
      .default(16_384)
      .describe('Request line and headers together.'),
    maxRequestBodyBytes: bytes(1024 * GIB)
      .default(GIB)
      .describe('A larger request body is answered with 413.'),
    maxConnections: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(20_000)
      .describe('Open connections from clients, at most; further ones are closed at once.'),
    maxRequests: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe('Requests under way in a process, streams among them; further ones are answered with 503.'),
    headersTimeoutMs: milliseconds(HOUR_MS).default(15_000).describe('For a client to send its headers.'),
    idleTimeoutMs: milliseconds(24 * HOUR_MS)
      .default(310_000)
      .describe('A connection on which no byte moves either way is closed. Above upstream.bodyTimeoutMs.'),
    keepAliveTimeoutMs: milliseconds(HOUR_MS)
      .default(65_000)
      .describe('Between two requests on one connection.'),
    stopTimeoutMs: milliseconds(HOUR_MS)
      .default(30_000)
      .describe('For requests under way when the gateway stops.'),
    drainSeconds: z
      .int()
      .min(0)
      .max(3_600)
      .default(5)
      .describe(
        'At SIGTERM: how long requests are still accepted while readiness fails and answers close their ' +
          'connections. At least the interval in which the load balancer checks readiness. SIGINT skips it.',
      ),
    healthPath: z
      .string()
      .regex(/^\/[\x21-\x22\x24-\x3e\x40-\x7e]{1,255}$/, 'must be a path without a query, such as /-/health')
      .optional()
      .describe(
        'Path on which the gateway itself answers load balancers: 200, or 503 while it cannot serve. It hides this ' +
          'path of the platform and is not metered. Absent: no path.',
      ),
  })
  .prefault({});

const countSchema = z
  .strictObject({
    header: z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be the name of a header, such as X-Post-Count')
      .default('X-Post-Count')
      .describe(
        'Header in which the platform may declare the posts of a response; never passed on to the client.',
      ),
    maxDecodedBytes: bytes(1024 * GIB)
      .default(GIB)
      .describe('A longer body, decompressed, is uncounted. On Cloudflare Workers 128 MiB at most.'),
    ranges: z
      .enum(['remove', 'forward'])
      .default('remove')
      .describe(
        'remove: where an answer may hold posts, Range and If-Range do not reach the platform, which answers with the whole body; players and downloads at such paths cannot seek or resume. Paths without routes, or whose first route has posts: "none", keep ranges. forward: a part of a body (206) is uncounted, so that a client can take everything by ranges and pay for nothing.',
      ),
    encodings: z
      .enum(['readable', 'any'])
      .default('readable')
      .describe(
        'readable: where an answer may hold posts, the platform is offered only content codings and character sets that we read, of those that the client accepts. any: the client chooses, and an answer in another one is uncounted.',
      ),
    maxRequestBytes: bytes(16 * 1024 ** 2)
      .default(256 * 1024)
      .describe(
        'Longest request body that is read where the answer depends on it (forms, GraphQL); of a form with files its fields only. A longer one is answered with 413.',
      ),
    requestTimeoutMs: milliseconds(HOUR_MS)
      .default(30_000)
      .describe('For such a body to arrive; a slower one is answered with 408.'),
    forms: z
      .enum(['read', 'ignore'])
      .default('read')
      .describe(
        'read: a form is read before the platform gets it, on paths whose routes depend on parameters or methods. ignore: forms pass unread; a client can then ask for posts by a form and is not counted.',
      ),
    graphql: z
      .strictObject({
        unreadable: z
          .enum(['refuse', 'forward'])
          .default('refuse')
          .describe(
            'refuse: on GraphQL routes, a request whose answer could not be counted is answered with 413 (longer than maxRequestBytes) or 400 (a body or document that cannot be read in one way only, a WebSocket by another subprotocol than graphql-transport-ws or graphql-ws, SSE with a single connection) before the platform is asked; on a WebSocket, such a message closes the connection. forward: it passes, and its answer is uncounted; a client can then choose not to be counted.',
          ),
      })
      .prefault({})
      .describe('How GraphQL requests are read.'),
    crossCheck: z
      .union([
        z.literal(false),
        z.strictObject({
          every: z.int().min(1).max(1_000_000_000).default(1_000).describe('One of so many responses.'),
          maxBytes: bytes(16 * 1024 ** 2)
            .default(256 * 1024)
            .describe('Longer bodies, decompressed, are not checked: the second count takes our own time.'),
        }),
      ])
      .prefault({})
      .describe('A sample of responses is counted again by a slow, obvious parser; false for none.'),
    kinds: kindsSchema
      .optional()
      .describe('Which kinds of posts count. Left out: posts, replies and reposts count, the others do not.'),
    unique: z
      .boolean()
      .default(true)
      .describe('Whether different posts are counted beside deliveries, per client and day.'),
  })
  .prefault({});

const journalSchema = z
  .strictObject({
    maxBytes: bytes(1024 * GIB)
      .default(4 * GIB)
      .describe(
        'Bound of all usage in the journal, on disk: what the ledger has gives way to what it lacks.',
      ),
    retainSeconds: z
      .int()
      .min(0)
      .max(34 * 86_400)
      .default(86_400)
      .describe('How long usage is kept that the ledger has, for one that loses its last seconds.'),
    syncIntervalMs: z
      .union([z.literal('every'), milliseconds(60_000)])
      .default(50)
      .describe(
        'How often what is written is forced to the disk: at every commit, or every so many milliseconds.',
      ),
    onFailure: z
      .enum(['serve', 'refuse'])
      .default('serve')
      .describe('Where usage cannot be written: go on unmetered and say so, or answer 503.'),
  })
  .prefault({});

const billingSchema = z
  .strictObject({
    intervalSeconds: z.int().min(1).max(3_600).default(60).describe('Between two billing runs.'),
    latenessSeconds: z
      .int()
      .min(0)
      .max(34 * 86_400)
      .default(3_600)
      .describe('How long usage may come late before a breach is closed.'),
    approval: z
      .enum(['manual', 'automatic'])
      .default('manual')
      .describe('Whether finance approves an invoice before it is issued.'),
  })
  .prefault({});

const admitSchema = z
  .strictObject({
    firstRequestWaitMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(1_000)
      .describe(
        'Under a tariff that refuses, how long the first request of a client in a process waits for its total; then whenUnknown of the tariff decides. 0 does not wait: each process lets one more response through.',
      ),
  })
  .prefault({});

const clockSchema = z
  .strictObject({
    maxSkewSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .default(60)
      .describe(
        "How far this machine's clock may be off the ledger's; beyond it usage is metered by the ledger's clock.",
      ),
  })
  .prefault({});

const edgeSchema = z
  .strictObject({
    durability: z
      .enum(['strict', 'relaxed'])
      .default('strict')
      .describe(
        "On Cloudflare Workers: whether a response's end waits until its usage is on disk, or the usage goes behind it.",
      ),
    maxSocketBytes: z
      .int()
      .min(65_536)
      .max(1024 ** 4)
      .default(32 * 1024 ** 2)
      .describe(
        "Bytes to the client after which a counted WebSocket is closed in order, and the client connects again: Cloudflare's runtime does not say what the client has read, and one that reads nothing would fill the memory.",
      ),
    maxCalls: z
      .int()
      .min(25)
      .max(1_000_000)
      .default(1_000)
      .describe(
        'Calls that Cloudflare lets one invocation make (limit of subrequests; 50 on the free plan). A stream is ended in order before, so that its client connects again.',
      ),
  })
  .prefault({});

/** Sites on one host: a multisite has many, each below its own base. */
const MAX_PLATFORMS = 100;

const platformName = z.enum(PRESET_NAMES);
const siteSchema = z
  .strictObject({ name: platformName, base: baseSchema })
  .describe('A platform that answers below a path of its host.');

const platformSchema = z
  .union([
    platformName,
    siteSchema,
    z
      .array(z.union([platformName, siteSchema]))
      .min(1)
      .max(MAX_PLATFORMS),
  ])
  .optional()
  .describe(
    'The platform: the routes of its preset find the posts, after those of routes. A name, a name with the base of the site, or a list of both.',
  );

export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  upstream: upstreamSchema,
  listen: listenSchema,
  trustedProxies: trustedProxiesSchema,
  identify: identifySettingsSchema,
  count: countSchema,
  platform: platformSchema,
  routes: z
    .array(routeSchema)
    .max(1_000)
    .default([])
    .describe(
      'Where posts are found; the first match applies. They come before those of platform. Without either the start ' +
        'fails; [] starts without counting bodies.',
    ),
  bucketSeconds: z
    .literal([60, 10, 1])
    .default(60)
    .describe('Length of a bucket of usage. Windows are whole buckets, never longer than the tariff says.'),
  admit: admitSchema,
  pace: z
    .strictObject({
      requests: z.int().min(1).max(1_000_000_000),
      seconds: z.int().min(1).max(86_400),
    })
    .optional()
    .describe('Requests that one client may make in so many seconds. Absent: no limit.'),
  log: z
    .strictObject({
      access: z
        .boolean()
        .default(false)
        .describe('One line per request: request id, client, route, posts, status, milliseconds.'),
    })
    .prefault({})
    .describe('What is logged beside faults.'),
  journal: journalSchema,
  clock: clockSchema,
  billing: billingSchema,
  edge: edgeSchema,
});

export type Config = z.output<typeof configSchema>;
