import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsePayload, payloadOf } from '../../src/meter/record-payload.ts';
import { draws } from '../support/draws.ts';
import { usageOf } from './usages.ts';

const gap = fc.record({ fromMs: fc.nat(), toMs: fc.nat(), responses: fc.nat(), posts: fc.nat() });
const epoch = fc.record({ policyVersion: fc.nat(), rightsSequence: fc.nat(), atMs: fc.nat() });
const configuration = fc.record({
  hash: fc.string(),
  content: fc.option(fc.string()),
  version: fc.string(),
  fromMs: fc.nat(),
});
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

it('reads back usage with every combination of a gap, an epoch and a configuration', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(), { maxLength: 3 }),
      optional(gap),
      optional(epoch),
      optional(configuration),
      (posts, ended, begun, under) => {
        const usage = posts.map((count) => usageOf({ posts: count }));
        expect(parsePayload(payloadOf(usage, ended, under, begun))).toEqual({
          usage,
          ...(ended && { gap: ended }),
          ...(begun && { epoch: begun }),
          ...(under && { configuration: under }),
        });
      },
    ),
    { numRuns: draws(500) },
  );
});
