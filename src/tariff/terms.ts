/**
 * The JSON form of a tariff, in tariff files, the configuration, the admin API and the ledger. The price is decimal
 * text. Missing fields take their defaults; unknown fields are refused.
 */

import { z } from 'zod';
import { formatMoney, isCurrency, parseMoney } from './money.ts';
import { DEFAULT_TARIFF, type Tariff } from './tariff.ts';

/** What is wrong with a field, and how to fix it. `field` is empty if it concerns the whole. */
export interface FieldError {
  readonly field: string;
  readonly reason: string;
  readonly hint: string;
}

export type ParsedTariff =
  | { readonly ok: true; readonly tariff: Tariff }
  | { readonly ok: false; readonly problems: readonly FieldError[] };

/** Default price in major units of any currency. The terms of service name the same number in USD and EUR. */
const DEFAULT_PRICE = '15000';
const MAX_CLAUSE_LENGTH = 500;
const MIN_WINDOW_SECONDS = 60;
/** 34 days: longer than any month, and at most 48,960 minutes in memory per client. */
export const MAX_WINDOW_SECONDS = 34 * 86_400;
/** 10^12 minor units: ten billion dollars a block. */
const MAX_PRICE_MINOR = 1_000_000_000_000n;

const NOT_ALLOWED = 'is not an allowed value';

const whole = (min: number, max: number) =>
  z
    .number({ error: 'is not a number in range' })
    .refine(Number.isSafeInteger, { error: 'is not a whole number in range', abort: true })
    .min(min, { error: `is below ${min}` })
    .max(max, { error: `is above ${max}` });

const charged = {
  count: z
    .enum(['deliveries', 'unique'], { error: NOT_ALLOWED })
    .default(DEFAULT_TARIFF.count)
    .describe(
      'unique: each post counts once a UTC day, by its id; a post without a known id counts each time it is served.',
    ),
  price: z.string({ error: 'is not text' }).optional(),
  block: whole(1, Number.MAX_SAFE_INTEGER).default(DEFAULT_TARIFF.block),
  rounding: z
    .enum(['prorated', 'completed', 'started'], { error: NOT_ALLOWED })
    .default(DEFAULT_TARIFF.rounding),
  currency: z
    .string({ error: 'is not text' })
    .refine(isCurrency, { error: 'is not an ISO 4217 currency code' })
    .default(DEFAULT_TARIFF.currency),
  clause: z
    .string({ error: 'is not text' })
    .min(1, { error: 'is empty' })
    .max(MAX_CLAUSE_LENGTH, { error: `is over ${MAX_CLAUSE_LENGTH} characters` })
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'contains control characters' })
    .optional()
    .describe('The clause and version of the terms or contract behind the tariff. Evidence prints it.'),
};

export const damagesTerms = z
  .strictObject({
    kind: z.literal('damages').default('damages'),
    threshold: whole(1, Number.MAX_SAFE_INTEGER).default(DEFAULT_TARIFF.threshold),
    ...charged,
    basis: z.enum(['all', 'excess'], { error: NOT_ALLOWED }).default(DEFAULT_TARIFF.basis),
    windowSeconds: whole(MIN_WINDOW_SECONDS, MAX_WINDOW_SECONDS).default(DEFAULT_TARIFF.windowSeconds),
    onThreshold: z.enum(['bill', 'refuse'], { error: NOT_ALLOWED }).default(DEFAULT_TARIFF.onThreshold),
    whenUnknown: z
      .enum(['failOpen', 'failClosed'], { error: NOT_ALLOWED })
      .default(DEFAULT_TARIFF.whenUnknown)
      .describe(
        'With onThreshold "refuse", while totals are unknown: failOpen decides by the total of the process, failClosed responds with 503.',
      ),
  })
  .meta({ description: 'Liquidated damages: posts beyond the threshold in any window are billed.' });
export const licenceTerms = z
  .strictObject({
    kind: z.literal('licence'),
    included: whole(0, Number.MAX_SAFE_INTEGER),
    ...charged,
  })
  .meta({
    id: 'LicenceTerms',
    description: 'A licence: a calendar month includes a number of posts, and posts beyond are charged.',
  });
export const exemptTerms = z
  .strictObject({ kind: z.literal('exempt') })
  .meta({ id: 'ExemptTerms', description: 'Usage is metered and never billed.' });

/** Terms with every field but `clause`. The price is in major units. */
export type TariffJson = z.output<typeof damagesTerms | typeof licenceTerms | typeof exemptTerms>;

const HINTS: Record<string, string> = {
  kind: 'write "damages", "licence" or "exempt"',
  count: 'write "deliveries" or "unique"',
  threshold: `write a whole number of posts from 1 to ${Number.MAX_SAFE_INTEGER}`,
  price: 'write the price of a block as decimal text in the currency, such as "15000.00"',
  block: `write a whole number of posts from 1 to ${Number.MAX_SAFE_INTEGER}`,
  basis: 'write "all" or "excess"',
  rounding: 'write "prorated", "completed" or "started"',
  currency: 'write a code of three capital letters, such as "USD"',
  windowSeconds: `write whole seconds from ${MIN_WINDOW_SECONDS} to ${MAX_WINDOW_SECONDS}, a multiple of the bucket`,
  onThreshold: 'write "bill" or "refuse"',
  whenUnknown: 'write "failOpen" or "failClosed"',
  clause: `write 1 to ${MAX_CLAUSE_LENGTH} characters on one line, such as "Terms of service of 2024-11-15, section 4"`,
  included: `write the free posts per month, a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
};

/** Parses a tariff and reports every fault with its fix. Windows must be a multiple of `bucketSeconds`. */
export function parseTariff(json: unknown, bucketSeconds = 60): ParsedTariff {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return refuse('', 'is not an object', 'write {"threshold": 1000000, "price": "15000.00", ...}');
  }
  const kind = 'kind' in json ? json.kind : 'damages';
  if (kind === 'damages') {
    const parsed = damagesTerms.safeParse(json);
    return parsed.success
      ? finishDamages(parsed.data, bucketSeconds)
      : refuseAll(parsed.error, damagesTerms.shape);
  }
  if (kind === 'licence') {
    const parsed = licenceTerms.safeParse(json);
    if (!parsed.success) return refuseAll(parsed.error, licenceTerms.shape);
    return withPrice(parsed.data, (terms) => terms);
  }
  if (kind === 'exempt') {
    const parsed = exemptTerms.safeParse(json);
    return parsed.success ? { ok: true, tariff: parsed.data } : refuseAll(parsed.error, exemptTerms.shape);
  }
  return refuse('kind', 'is not a kind of tariff', HINTS.kind!);
}

/**
 * Parses terms that were validated when the version was created; null terms give null. Throws a TypeError if they no
 * longer parse. The window was checked against the bucket of that time, so a bucket of 1 s accepts every window.
 */
export function parseStoredTariff(terms: unknown, versionId: string): Tariff | null {
  if (terms === null) return null;
  const parsed = parseTariff(terms, 1);
  if (parsed.ok) return parsed.tariff;
  const [problem] = parsed.problems;
  throw new TypeError(
    `stored tariff version ${versionId} is not valid: ${problem?.field} ${problem?.reason}`,
  );
}

/** Returns the tariff as JSON with every field. `parseTariff` reads it back equal. */
export function tariffToJson(tariff: Tariff): TariffJson {
  if (tariff.kind === 'exempt') return { kind: 'exempt' };
  const { count, block, rounding, currency } = tariff;
  // Omitted if undefined, so that terms older than the field read back unchanged.
  const clause = tariff.clause === undefined ? {} : { clause: tariff.clause };
  const price = formatMoney(tariff.priceMinor, currency);
  if (tariff.kind === 'licence') {
    return { kind: 'licence', count, included: tariff.included, price, block, rounding, currency, ...clause };
  }
  const { threshold, basis, windowSeconds, onThreshold, whenUnknown } = tariff;
  const rest = { threshold, price, block, basis, rounding, currency, windowSeconds };
  return { kind: 'damages', count, ...rest, onThreshold, whenUnknown, ...clause };
}

function finishDamages(terms: z.output<typeof damagesTerms>, bucketSeconds: number): ParsedTariff {
  if (terms.windowSeconds % bucketSeconds !== 0) {
    const reason = `is not a multiple of the bucket of ${bucketSeconds} s`;
    return refuse('windowSeconds', reason, HINTS.windowSeconds!);
  }
  if (terms.count === 'unique' && terms.onThreshold === 'refuse') {
    const reason = 'is "refuse" although unique posts are counted, and window totals count deliveries';
    return refuse('onThreshold', reason, 'write "bill", or count "deliveries"');
  }
  if (terms.whenUnknown === 'failClosed' && terms.onThreshold !== 'refuse') {
    const reason = 'is "failClosed" although nothing is refused';
    return refuse('whenUnknown', reason, 'write "failOpen", or "refuse" as onThreshold');
  }
  return withPrice(terms, (rest) => rest);
}

/** Parses the price, which needs the currency. */
function withPrice<T extends { price?: string | undefined; currency: string }>(
  terms: T,
  finish: (terms: Omit<T, 'price'> & { priceMinor: bigint }) => Tariff,
): ParsedTariff {
  const { price, ...rest } = terms;
  const money = parseMoney(price ?? DEFAULT_PRICE, terms.currency);
  if (!money.ok) return refuse('price', money.reason, HINTS.price!);
  if (money.minor > MAX_PRICE_MINOR) {
    const highest = formatMoney(MAX_PRICE_MINOR, terms.currency);
    return refuse('price', `is above ${highest}`, HINTS.price!);
  }
  return { ok: true, tariff: finish({ ...rest, priceMinor: money.minor }) };
}

function refuse(field: string, reason: string, hint: string): ParsedTariff {
  return { ok: false, problems: [{ field, reason, hint }] };
}

function refuseAll(error: z.ZodError, shape: object): ParsedTariff {
  const known = Object.keys(shape).join(', ');
  const problems = error.issues.flatMap((issue): FieldError[] => {
    if (issue.code === 'unrecognized_keys') {
      const hint = `remove it; the fields are ${known}`;
      return issue.keys.map((field) => ({ field, reason: 'is not a field of this kind of tariff', hint }));
    }
    const field = String(issue.path[0] ?? '');
    return [{ field, reason: issue.message, hint: HINTS[field] ?? `the fields are ${known}` }];
  });
  return { ok: false, problems };
}
