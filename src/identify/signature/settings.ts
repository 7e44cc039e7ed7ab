/** The part of the configuration that controls how signatures of requests are verified. */

import { z } from 'zod';

export const signatureSettingsSchema = z
  .strictObject({
    onInvalid: z
      .enum(['ignore', 'refuse'])
      .default('ignore')
      .describe(
        'ignore: a request with an invalid signature is served as one without. refuse: it gets 403 with Accept-Signature.',
      ),
    maxPerSecond: z
      .int()
      .min(1)
      .max(100_000)
      .default(1_000)
      .describe(
        'Signatures that a process verifies per second, at about 130 µs each. Further ones are unverified.',
      ),
    maxPerCaller: z
      .int()
      .min(1)
      .max(100_000)
      .default(20)
      .describe('Signatures of one caller that a process verifies per second. Further ones are unverified.'),
    nonce: z
      .enum(['observe', 'strict'])
      .default('observe')
      .describe(
        'A nonce that occurs twice. observe: it is counted in the metrics. strict: the signature is invalid. Each process knows its own nonces.',
      ),
    maxLifeSeconds: z
      .int()
      .min(1)
      .max(4_000_000_000)
      .default(86_400)
      .describe('Longest time between created and expires of a signature.'),
    maxAheadSeconds: z
      .int()
      .min(0)
      .max(3_600)
      .default(30)
      .describe('How far created may be in the future, because clocks differ.'),
    boundSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .default(600)
      .describe(
        'A signature over method and target proves its request for this long. An older one counts as one that anybody can repeat.',
      ),
  })
  .prefault({})
  .describe('Signatures of agents (Web Bot Auth, RFC 9421).');

export type SignatureSettings = z.output<typeof signatureSettingsSchema>;
