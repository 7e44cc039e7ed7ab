/** The configuration file: its shape, defaults and bounds. Every field has a description for the JSON Schema. */

import { z } from 'zod';
import { kindsSchema } from '../count/kinds.ts';
import { baseSchema } from '../count/presets/place.ts';
import { PRESET_NAMES } from '../count/presets/presets.ts';
import { routeSchema } from '../count/route/schema.ts';
import { mayNameClients } from '../forward/client-header.ts';
import { REWRITING_HEADERS } from '../forward/header-names.ts';
import { agentsSettingsSchema } from '../identify/agents/settings.ts';
import { identifySettingsSchema, trustedProxiesSchema } from '../identify/settings.ts';
import { subjectRuleSchema } from '../rights/request-subjects.ts';

const HOUR_MS = 3_600_000;
const GIB = 1024 ** 3;

const whole = (min: number, max: number, byDefault: number, what: string) =>
  z.int().min(min).max(max).default(byDefault).describe(what);
const flag = (byDefault: boolean, what: string) => z.boolean().default(byDefault).describe(what);
/** The first value is the default. */
const choice = <const Value extends string>(values: readonly [Value, ...Value[]], what: string) =>
  z.enum(values).prefault(values[0]).describe(what);

/** URL of the platform. It must not contain a path, because request paths are forwarded unchanged. */
export const upstreamUrlSchema = z
  .string()
  .regex(/^https?:\/\/[^/?#@\s]+\/?$/i, {
    error:
      'must be an http:// or https:// URL with only scheme, host and port, such as http://127.0.0.1:3000',
    abort: true,
  })
  .refine((url) => URL.canParse(url), { error: 'is not a URL; use one such as http://127.0.0.1:3000' });

/** The name of a header that only the gateway writes. */
const ownHeader = (example: string) =>
  z
    .string()
    .max(128)
    .regex(/^[A-Za-z0-9-]+$/, {
      error: `must be a header name of letters, digits and hyphens, such as "${example}"`,
      abort: true,
    })
    .refine(mayNameClients, {
      error: `is a header with its own meaning; use an unused name, such as "${example}"`,
    })
    .optional();

const upstreamSchema = z
  .strictObject({
    url: upstreamUrlSchema
      .optional()
      .describe('URL of the platform. The environment variable UPSTREAM takes precedence.'),
    host: choice(
      ['client', 'upstream'],
      'Host that the platform receives: the one the client sent, or that of its own URL.',
    ),
    via: z
      .union([
        z.string().regex(/^[A-Za-z0-9._-]+$/, 'must be letters, digits, ".", "_" and "-"'),
        z.literal(false),
      ])
      .default('postmeter')
      .describe(
        'Our name in the Via field; false adds none (nginx, for example, compresses less if a request has Via).',
      ),
    clientHeader: ownHeader('Postmeter-Client').describe(
      'Header in which the platform receives the client id, for its log. The same header from outside is removed.',
    ),
    agentHeader: ownHeader('Postmeter-Agent').describe(
      'Header in which the platform receives who is asking: the agent, its class and verdict, as a structured field. The same header from outside is removed.',
    ),
    rewritingHeaders: z
      .array(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'must be the name of a header'))
      .max(200)
      .default([...REWRITING_HEADERS])
      .describe(
        'Headers that a platform may read instead of path, host or method. They are removed unless a trusted proxy sent them. [] forwards all: a client may then get posts from a path that is not counted.',
      ),
    forwarded: flag(
      true,
      'Whether the platform receives Forwarded (RFC 7239). It agrees with X-Forwarded-*.',
    ),
    xForwarded: flag(
      true,
      'Whether the platform receives X-Forwarded-For, -Proto and -Host. Without these and Forwarded it sees the gateway as the client.',
    ),
    caFile: z.string().optional().describe('PEM file of the certificate authorities to trust.'),
    servername: z
      .string()
      .optional()
      .describe('Name for SNI and the certificate, if it differs from the host of the URL.'),
    connections: whole(1, 10_000, 256, 'Maximum connections to the platform.'),
    maxQueued: whole(
      1,
      1_000_000,
      5_000,
      'Maximum requests that wait for a connection to the platform. Further requests get 503.',
    ),
    connectTimeoutMs: whole(1, HOUR_MS, 5_000, 'Time limit to open a connection.'),
    headersTimeoutMs: whole(
      1,
      HOUR_MS,
      60_000,
      'Time limit from the request to the first byte of the response.',
    ),
    bodyTimeoutMs: whole(1, 24 * HOUR_MS, 300_000, 'Time limit between two chunks of a response.'),
  })
  .refine(
    ({ clientHeader, agentHeader }) =>
      clientHeader === undefined || clientHeader.toLowerCase() !== agentHeader?.toLowerCase(),
    {
      path: ['agentHeader'],
      error: 'is the name of clientHeader too; write another name, such as "Postmeter-Agent"',
    },
  )
  .prefault({});

const listenSchema = z
  .strictObject({
    tls: z
      .strictObject({ certFile: z.string(), keyFile: z.string() })
      .optional()
      .describe('PEM files. They are reloaded when they change.'),
    maxHeaderBytes: whole(1_024, 1_048_576, 16_384, 'Maximum size of the request line and headers together.'),
    maxRequestBodyBytes: whole(1, 1024 * GIB, GIB, 'Maximum size of a request body. A larger one gets 413.'),
    maxConnections: whole(
      1,
      1_000_000,
      20_000,
      'Maximum open connections from clients. Further ones are closed immediately.',
    ),
    maxRequests: whole(
      1,
      1_000_000,
      10_000,
      'Maximum requests in flight per process, including streams. Further requests get 503.',
    ),
    headersTimeoutMs: whole(1, HOUR_MS, 15_000, 'Time limit for a client to send its headers.'),
    idleTimeoutMs: whole(
      1,
      24 * HOUR_MS,
      310_000,
      'A connection without traffic in either direction is closed after this time. Must exceed upstream.bodyTimeoutMs.',
    ),
    keepAliveTimeoutMs: whole(1, HOUR_MS, 65_000, 'Time limit between two requests on one connection.'),
    stopTimeoutMs: whole(1, HOUR_MS, 30_000, 'Time limit for requests in flight when the gateway stops.'),
    drainSeconds: whole(
      0,
      3_600,
      5,
      'At SIGTERM: how long requests are still accepted while readiness fails and responses close their ' +
        'connections. Use at least the interval of the readiness checks of the load balancer. SIGINT skips it.',
    ),
    healthPath: z
      .string()
      .regex(/^\/[\x21-\x22\x24-\x3e\x40-\x7e]{1,255}$/, 'must be a path without a query, such as /-/health')
      .optional()
      .describe(
        'Path on which the gateway answers health checks of load balancers: 200, or 503 while it cannot serve. It hides ' +
          'this path of the platform and is not metered. Absent: no path.',
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
        'Header in which the platform may declare the posts of a response. It is never forwarded to the client.',
      ),
    maxDecodedBytes: whole(
      1,
      1024 * GIB,
      GIB,
      'Maximum decompressed size of a counted body; a longer one is uncounted. At most 128 MiB on Cloudflare Workers.',
    ),
    ranges: choice(
      ['remove', 'forward'],
      'remove: if a response may contain posts, Range and If-Range are removed and the platform returns the whole body. Players and downloads at such paths cannot seek or resume. Paths without routes, or whose first route has posts: "none", keep ranges. forward: a partial body (206) is uncounted, so a client can fetch everything by ranges and pay nothing.',
    ),
    encodings: choice(
      ['readable', 'any'],
      'readable: if a response may contain posts, the platform is offered only content codings and character sets that the client accepts and we can read. any: the client chooses, and a response in an unreadable one is uncounted.',
    ),
    maxRequestBytes: whole(
      1,
      16 * 1024 ** 2,
      256 * 1024,
      'Longest request body that is read if the response depends on it (forms, GraphQL). Of a form with files only the fields count. A longer one gets 413.',
    ),
    requestTimeoutMs: whole(
      1,
      HOUR_MS,
      30_000,
      'Time limit for such a body to arrive. A slower one gets 408.',
    ),
    forms: choice(
      ['read', 'ignore'],
      'read: on paths whose routes depend on parameters or methods, a form is read before it is forwarded. ignore: forms are forwarded unread; a client can then request posts by a form without being counted.',
    ),
    graphql: z
      .strictObject({
        unreadable: choice(
          ['refuse', 'forward'],
          'refuse: on GraphQL routes, a request whose response could not be counted is not forwarded. It gets 413 (longer than maxRequestBytes) or 400 (an ambiguous body or document, a WebSocket subprotocol other than graphql-transport-ws or graphql-ws, SSE with a single connection). On a WebSocket, such a message closes the connection. forward: the request is forwarded and its response is uncounted; a client can then choose not to be counted.',
        ),
      })
      .prefault({})
      .describe('How GraphQL requests are read.'),
    crossCheck: z
      .union([
        z.literal(false),
        z.strictObject({
          every: whole(1, 1_000_000_000, 1_000, 'Check one in N responses.'),
          maxBytes: whole(
            1,
            16 * 1024 ** 2,
            256 * 1024,
            'Longer bodies, decompressed, are not checked, because the second count uses CPU of the gateway.',
          ),
        }),
      ])
      .prefault({})
      .describe('Counts a sample of responses a second time with a slow, simple parser. false: none.'),
    kinds: kindsSchema
      .optional()
      .describe(
        'Which kinds of posts count. By default posts, replies and reposts count, the others do not.',
      ),
    unique: flag(true, 'Whether distinct posts are counted per client and day, in addition to deliveries.'),
  })
  .prefault({});

const journalSchema = z
  .strictObject({
    maxBytes: whole(
      1,
      1024 * GIB,
      4 * GIB,
      'Maximum size of the journal on disk. Confirmed records are deleted before unconfirmed ones.',
    ),
    retainSeconds: whole(
      0,
      34 * 86_400,
      86_400,
      'How long confirmed usage is kept, in case the ledger loses its latest writes.',
    ),
    syncIntervalMs: z
      .union([z.literal('every'), z.int().min(1).max(60_000)])
      .default(50)
      .describe('How often writes are synced to disk: at every commit, or every N milliseconds.'),
    onFailure: choice(
      ['serve', 'refuse'],
      'If usage cannot be written: serve unmetered and report it, or respond with 503.',
    ),
  })
  .prefault({});

const fourEyesSchema = z
  .strictObject({
    bankAccount: flag(true, 'Whether a new bank account of a seller needs a second person.'),
    writeOff: flag(true, 'Whether a write-off needs a second person.'),
    creditNote: flag(true, 'Whether a manual credit note or supplement needs a second person.'),
    issue: z
      .union([
        z.enum(['different', 'same']),
        z.strictObject({
          above: z.string().regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be an amount such as "10000.00"'),
        }),
      ])
      .default('different')
      .describe(
        'Who may issue an approved invoice: another person than the approver, the same person, or another person only above an amount.',
      ),
  })
  .prefault({})
  .describe(
    'Actions of money that need a second person. A person who is alone acts alone, and the audit log records it.',
  );

const billingSchema = z
  .strictObject({
    intervalSeconds: whole(1, 3_600, 60, 'Delay between two billing runs.'),
    latenessSeconds: whole(0, 34 * 86_400, 3_600, 'How late usage may arrive before a breach closes.'),
    approval: choice(['manual', 'automatic'], 'Whether finance must approve an invoice before it is issued.'),
    fourEyes: fourEyesSchema,
  })
  .prefault({});

const callersSchema = z
  .strictObject({
    retainDays: whole(
      1,
      366,
      30,
      'How long the ledger keeps user agents and routes of unknown callers that took more than 0.1 % of the threshold in a day. They are personal data.',
    ),
  })
  .prefault({})
  .describe('What is kept of unknown callers beside their usage.');

const admitSchema = z
  .strictObject({
    firstRequestWaitMs: whole(
      0,
      60_000,
      1_000,
      'Under a tariff that refuses, how long the first request of a client in a process waits for its total. After that whenUnknown of the tariff decides. With 0 it does not wait, and each process may let one more response through.',
    ),
  })
  .prefault({});

const clockSchema = z
  .strictObject({
    maxSkewSeconds: whole(
      1,
      86_400,
      60,
      "Maximum difference between this machine's clock and the ledger's. Beyond it, usage is metered by the ledger's clock.",
    ),
  })
  .prefault({});

const consoleSchema = z
  .strictObject({
    sessionIdleMinutes: whole(
      1,
      1_440,
      30,
      'A session of the console ends after this time without a request.',
    ),
    sessionHours: whole(
      1,
      168,
      12,
      'A session of the console ends this long after its sign-in at the latest.',
    ),
  })
  .prefault({});

const edgeSchema = z
  .strictObject({
    durability: choice(
      ['strict', 'relaxed'],
      'On Cloudflare Workers. strict: a response ends only after its usage is on disk. relaxed: its usage is sent after the end.',
    ),
    maxSocketBytes: whole(
      65_536,
      1024 ** 4,
      32 * 1024 ** 2,
      "Bytes to the client after which a counted WebSocket is closed cleanly, so that the client reconnects. Cloudflare's runtime does not report what the client has read, so a client that reads nothing would fill the memory.",
    ),
    maxCalls: whole(
      25,
      1_000_000,
      1_000,
      'Calls that Cloudflare allows per invocation (subrequest limit; 50 on the free plan). A stream is ended cleanly before the limit, so that its client reconnects.',
    ),
    trustCloudflare: flag(
      false,
      'Whether the category in which Cloudflare puts a verified bot (Bot Management) confirms a claim of an agent of that category.',
    ),
  })
  .prefault({});

const receiversSchema = z
  .strictObject({
    allowPrivate: z
      .boolean()
      .default(false)
      .describe(
        'Whether alerts may go to private networks, and by http:// to this machine. Link-local and metadata addresses stay refused.',
      ),
    mailFrom: z
      .string()
      .max(254)
      .regex(/^[^\s@<>]+@[^\s@<>]+$/, 'must be a mailbox, such as postmeter@example.com')
      .optional()
      .describe('Mailbox from which alerts are sent. Required with the environment variable SMTP_URL.'),
    consoleUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
      .optional()
      .describe('URL under which people open the console, for links in alerts. Absent: no links.'),
  })
  .prefault({});

const rightsSchema = z
  .strictObject({
    subjects: z
      .array(subjectRuleSchema)
      .max(200)
      .default([])
      .describe(
        'Where requests name posts, authors and blogs, so that requests for withheld ones are refused before the platform gets them. The blog of the host and all prefixes of the path are looked up in any case.',
      ),
    maxSubjects: whole(
      1,
      10_000_000,
      10_000_000,
      'Maximum subjects in the registry of rights. Each process keeps all of them in memory, at most 54 bytes each. Settings of further subjects are refused.',
    ),
  })
  .prefault({});

/** Sites on one host. A multisite has many, each below its own base. */
const MAX_PLATFORMS = 100;

const platformName = z.enum(PRESET_NAMES);
const siteSchema = z
  .strictObject({ name: platformName, base: baseSchema })
  .describe('A platform served below a path of its host.');

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
    'The platform, whose preset routes find the posts; they come after those of routes. A name, a name with the base of the site, or a list of these.',
  );

export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  upstream: upstreamSchema,
  listen: listenSchema,
  trustedProxies: trustedProxiesSchema,
  identify: identifySettingsSchema,
  agents: agentsSettingsSchema,
  count: countSchema,
  platform: platformSchema,
  routes: z
    .array(routeSchema)
    .max(1_000)
    .default([])
    .describe(
      'Where posts are found; the first match applies. These routes come before those of platform. Without either, startup ' +
        'fails; [] starts without counting bodies.',
    ),
  bucketSeconds: z
    .literal([60, 10, 1])
    .default(60)
    .describe(
      'Length of a bucket of usage. Windows are whole buckets, never longer than the window of the tariff.',
    ),
  admit: admitSchema,
  pace: z
    .strictObject({
      requests: z.int().min(1).max(1_000_000_000),
      seconds: z.int().min(1).max(86_400),
    })
    .optional()
    .describe('Requests that one client may make per interval. Absent: no limit.'),
  log: z
    .strictObject({
      access: flag(
        false,
        'One line per request: request id, client, class and agent of the asker, route, posts, status, milliseconds.',
      ),
    })
    .prefault({})
    .describe('What is logged in addition to faults.'),
  journal: journalSchema,
  clock: clockSchema,
  billing: billingSchema,
  console: consoleSchema,
  callers: callersSchema,
  edge: edgeSchema,
  receivers: receiversSchema,
  rights: rightsSchema,
});

export type Config = z.output<typeof configSchema>;
