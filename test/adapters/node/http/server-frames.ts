/** Writes frames as both ends of `ws` send them. */

import { Duplex } from 'node:stream';
import { PerMessageDeflate, Sender } from 'ws';

export interface Message {
  readonly data: Uint8Array | string;
  /** Number of fragments. */
  readonly fragments?: number;
  readonly isBinary?: boolean;
}

/** The negotiated parameters of permessage-deflate; null without it. */
export type Negotiated = string | null;

/**
 * The bytes of all messages in a row, with a ping between any two fragments.
 * @param mask whether they come from the client.
 */
export async function framesOf(
  messages: readonly Message[],
  negotiated: Negotiated,
  mask = false,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  const sender = new Sender(socket, deflaterOf(negotiated));
  for (const { data, fragments = 1, isBinary = false } of messages) {
    const bytes = Buffer.from(data);
    for (let i = 0; i < fragments; i++) {
      const from = Math.floor((bytes.length * i) / fragments);
      const to = Math.floor((bytes.length * (i + 1)) / fragments);
      const options = {
        fin: i === fragments - 1,
        binary: isBinary,
        compress: negotiated !== null,
        mask,
      };
      await new Promise<void>((resolve) => sender.send(bytes.subarray(from, to), options, () => resolve()));
      if (i < fragments - 1)
        await new Promise<void>((resolve) => sender.ping('still here', mask, () => resolve()));
    }
  }
  return Buffer.concat(chunks);
}

function deflaterOf(negotiated: Negotiated): Record<string, PerMessageDeflate> {
  if (negotiated === null) return {};
  const isAlone = negotiated.includes('server_no_context_takeover');
  const deflater = new PerMessageDeflate({ isServer: true, maxPayload: 0, threshold: 0 });
  deflater.accept([isAlone ? { server_no_context_takeover: [true] } : {}]);
  return { 'permessage-deflate': deflater };
}
