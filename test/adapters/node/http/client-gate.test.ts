/** The gate forwards a client's GraphQL WebSocket messages byte for byte, until it refuses one. */

import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256Hex } from '../../../../src/adapters/crypto/sha256-hex.ts';
import { ClientGate } from '../../../../src/adapters/node/http/client-gate.ts';
import { Conversation } from '../../../../src/count/graphql/conversation.ts';
import { compileGraphql } from '../../../../src/count/graphql/plan.ts';
import { framesOf, type Message } from './server-frames.ts';

const plan = compileGraphql([{ graphql: 'posts', kind: 'post' }], {});
const subscribe = (id: number) =>
  JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: '{posts{id}}' } });
const BAD: readonly Message[] = [
  { data: '{"type":"subscribe","id":"x","payload":{"query":"{posts{"}}', fragments: 3 },
  { data: 'no JSON', fragments: 2 },
  { data: 'subscribe', isBinary: true },
  { data: Buffer.from([0xff]) },
  { data: '{"type":"ping"}'.padEnd(2_000), fragments: 2 },
];

it('forwards the same bytes for every cut and every refused message', async () => {
  const run = fc.asyncProperty(
    fc.nat(4),
    fc.option(fc.constantFrom(...BAD)),
    fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 }),
    fc.nat(60),
    async (good, bad, sizes, headBytes) => {
      const before = Array.from(
        { length: good },
        (_, id): Message => ({ data: subscribe(id), fragments: 1 + id }),
      );
      const sent = await framesOf(before, null, true);
      const all = bad === null ? sent : Buffer.concat([sent, await framesOf([bad, ...before], null, true)]);
      const endOfBad = bad === null ? 0 : sent.length + (await framesOf([bad], null, true)).length;
      const conversation = new Conversation(plan, {
        sha256Hex,
        maxBytes: 1_000,
        refuses: true,
        nowMs: () => 0,
      });
      conversation.begin('graphql-transport-ws');
      const [socket, peer] = [new PassThrough(), new PassThrough()];
      let refusals = 0;
      const gate = new ClientGate(
        conversation,
        socket as unknown as Socket,
        peer as unknown as Socket,
        () => refusals++,
      );
      const received = buffer(peer);
      gate.start(Buffer.from(all.subarray(0, headBytes)));
      for (let at = headBytes, i = 0; at < all.length; i++) {
        const size = sizes[i % sizes.length]!;
        socket.write(Buffer.from(all.subarray(at, at + size)));
        at += size;
      }
      socket.end();
      const passed = await received;
      expect(passed.equals(all.subarray(0, passed.length))).toBe(true);
      expect([refusals, passed.length === all.length]).toEqual(bad === null ? [0, true] : [1, false]);
      if (bad !== null) expect(passed.length).toBeLessThan(endOfBad);
    },
  );
  await fc.assert(run, { numRuns: 60 });
});
