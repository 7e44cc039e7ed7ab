/** Sends an attack and reads the response as it arrives. */

import { connect } from 'node:net';
import { type Attack, bytesOf } from './attack.ts';

export interface Taken {
  /** All received bytes, including heads and framing. */
  readonly bytes: Buffer;
  /** The statuses of the responses, in order. */
  readonly statuses: readonly number[];
}

/** Resolves when the connection is closed. */
export function take(port: number, attack: Attack): Promise<Taken> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const socket = connect(port, '127.0.0.1', () => socket.write(bytesOf(attack)));
    socket.setTimeout(20_000, () => socket.destroy(new Error(`No answer to ${JSON.stringify(attack)}`)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (attack.leavesAfter !== undefined && length >= attack.leavesAfter) socket.destroy();
    });
    socket.on('error', (error) => ('code' in error ? undefined : reject(error)));
    socket.on('close', () => {
      const bytes = Buffer.concat(chunks);
      const statuses = [...bytes.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n/g)].map(
        ([, status]) => Number(status),
      );
      resolve({ bytes, statuses });
    });
    if (attack.leavesAfter === 0) socket.once('connect', () => setImmediate(() => socket.destroy()));
  });
}
