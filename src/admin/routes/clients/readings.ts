/** The route of readings: what a client's usage in a range comes to under other readings of the clause or other terms. */

import { createRoute, z } from '@hono/zod-openapi';
import { combinationsOf, type ReadingInput, readingsOf } from '../../../evidence/readings.ts';
import type { ChartSpan } from '../../../report/client-chart.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { sumOfDays } from '../../../report/unique.ts';
import { sumOf } from '../../../tariff/posts.ts';
import type { TariffVersion } from '../../../tariff/tariff.ts';
import { parseTariff } from '../../../tariff/terms.ts';
import { timelineOf } from '../../../tariff/timeline.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { AmountOut, ClientId, TimestampOut } from '../../fields.ts';
import { faultsProblem, problems } from '../../problem.ts';
import { existingClient } from './clients.ts';
import { RANGE_QUERY, rangeUntilNow } from './range.ts';

const DAY_MS = 86_400_000;

const whole = (description: string) => z.coerce.number().optional().openapi({ type: 'integer', description });
const TERMS = {
  threshold: whole('Posts in a window. With any of these terms, damages terms hold over the whole range.'),
  price: z.string().max(40).optional().openapi({ description: 'Price of a block, as decimal text.' }),
  block: whole('Posts that the price buys.'),
  currency: z.string().max(3).optional(),
  windowSeconds: whole('Length of a window.'),
  basis: z.enum(['all', 'excess']).optional(),
  rounding: z.enum(['prorated', 'completed', 'started']).optional(),
};

const query = z.strictObject({ ...RANGE_QUERY, ...TERMS });

const came = {
  currency: z.string(),
  posts: z.int().openapi({ description: 'Billed posts.' }),
  amount: AmountOut,
  isUsed: z.boolean().openapi({ description: 'true: this is the tariff in force, or the given terms.' }),
};

export const ReadingsSchema = z
  .object({
    clientId: z.string(),
    from: TimestampOut,
    to: TimestampOut,
    isGiven: z.boolean().openapi({ description: 'true: the terms of the request were applied.' }),
    posts: z.int().openapi({ description: 'Deliveries in the range.' }),
    combinations: z
      .array(
        z.object({
          basis: z.enum(['all', 'excess']),
          rounding: z.enum(['prorated', 'completed', 'started']),
          ...came,
        }),
      )
      .openapi({ description: 'Each basis with each rounding, other terms unchanged, by currency.' }),
    readings: z
      .array(z.object({ name: z.string(), sentence: z.string(), ...came }))
      .openapi({ description: 'The readings of an evidence file: each changes one thing. By currency.' }),
  })
  .openapi('Readings');

type Deps = Pick<AdminDeps, 'store' | 'history' | 'now' | 'rules'>;

export function readingsRoute(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients/{clientId}/readings',
      operationId: 'getReadings',
      summary: "What a client's usage in a range comes to, under each reading of the clause",
      description:
        'The same amounts as `postmeter rate` for the usage of the range. Usage outside the range is ignored, so a range that cuts a breach comes to less than the breach.',
      tags: ['usage'],
      ...anyRole(),
      request: { params: z.object({ clientId: ClientId }), query },
      responses: { ...json(200, 'The readings.', ReadingsSchema), ...problems(404) },
    }),
    async (c) => {
      const { from, to, ...terms } = c.req.valid('query');
      const { id } = await existingClient(deps.store, c.req.valid('param').clientId);
      const range = rangeUntilNow({ from, to }, deps.now(), deps.rules.bucketSeconds);
      const given = givenVersion(terms, deps.rules.bucketSeconds);
      return c.json(await readingsIn(deps, id, range, given), 200);
    },
  );
}

/** Returns the terms of the request as a tariff that is always in force, or null if there are none. */
function givenVersion(terms: Record<string, unknown>, bucketSeconds: number): TariffVersion | null {
  if (Object.keys(terms).length === 0) return null;
  const parsed = parseTariff(terms, bucketSeconds);
  if (!parsed.ok) throw faultsProblem(parsed.problems);
  return { id: 'given', clientId: null, version: 1, validFromMs: 0, tariff: parsed.tariff };
}

async function readingsIn(
  { store, history, rules }: Deps,
  clientId: string,
  range: ChartSpan,
  given: TariffVersion | null,
): Promise<z.input<typeof ReadingsSchema>> {
  const { bucketSeconds } = rules;
  // Readings by the calendar day need whole days.
  const days = {
    fromMs: Math.floor(range.fromMs / DAY_MS) * DAY_MS,
    toMs: Math.ceil(range.toMs / DAY_MS) * DAY_MS,
  };
  const [served, unique, known] = await Promise.all([
    history.served(clientId, days.fromMs, days.toMs),
    store.uniqueDays(clientId, range.fromMs, range.toMs),
    given === null ? store.tariffsFor([clientId]) : [given],
  ]);
  const input: Omit<ReadingInput, 'currency'> = {
    clientId,
    monthMs: 'all',
    versions: known,
    rows: served.map(({ bucketMs, posts }) => [bucketMs, '', posts]),
    unique: sumOfDays(unique),
    asOf: {
      ...{ journals: {}, chains: '', lastMove: 0, tariffVersionIds: [], bucketSeconds, ...range },
      repeats: served.map(({ bucketMs, posts, uniquePosts = posts }) => [bucketMs, posts - uniquePosts]),
    },
  };
  const currencies = currenciesIn(clientId, known, range, bucketSeconds);
  const inRange = served.filter(({ bucketMs }) => bucketMs >= range.fromMs && bucketMs < range.toMs);
  return {
    clientId,
    from: isoTimestamp(range.fromMs),
    to: isoTimestamp(range.toMs),
    isGiven: given !== null,
    posts: sumOf(inRange),
    combinations: currencies.flatMap((currency) =>
      combinationsOf({ ...input, currency }).map((one) => ({ currency, ...one })),
    ),
    readings: currencies.flatMap((currency) =>
      readingsOf({ ...input, currency }).map(({ sentence, ...one }) => ({
        currency,
        ...one,
        sentence: one.isUsed && given !== null ? 'The given terms.' : sentence,
      })),
    ),
  };
}

/** The currencies in which the tariffs in force in the range charge. */
function currenciesIn(
  clientId: string,
  versions: readonly TariffVersion[],
  range: ChartSpan,
  bucketSeconds: number,
): string[] {
  const currencies = timelineOf(clientId, versions, bucketSeconds)
    .filter(({ fromMs, toMs }) => fromMs < range.toMs && toMs > range.fromMs)
    .flatMap(({ tariff }) => (tariff.kind === 'exempt' ? [] : [tariff.currency]));
  return [...new Set(currencies)].sort();
}
