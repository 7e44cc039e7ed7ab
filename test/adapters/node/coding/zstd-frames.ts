/** Zstandard frames made by hand (RFC 8878 3.1), and one that the reference implementation made. */

/** 40 posts as `pageOf(40)` writes them, compressed by `zstd -3 --check` 1.5.4. */
export const ZSTD_PAGE_OF_40 = Buffer.from(
  'KLUv/QRYVQYAkkkcG3C16o6skprWg7eYplYoAKCTJAlJCSQv+//fDJXg/////////23btm3btm27bdu2bdu2VZQkQZDjMIyi+O12VZisQS26' +
    'ZE2exETPdE06061WYNCxIzxHXNQGBoDDpfRAuGAGtMRFLMg4SAUWZMkYpAJPqDH4/f8NgHNKDxJwEPjv8RqC3yHoB+pjF4OwKlJbE1WnIucRr' +
    'UJVKFVQtVNtKpUKqW5URbVQASr7VE+tU3LKa1ML0BQzBRMaOghDBgtjkFABlwIQq3DW6Uk=',
  'base64',
);

const BLOCK_BYTES = 8192;

/** A frame of raw blocks with a window of 2^`windowLog` bytes. */
export function rawFrame(body: Uint8Array, windowLog = 17): Buffer {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < Math.max(1, body.length); at += BLOCK_BYTES) {
    const bytes = body.subarray(at, at + BLOCK_BYTES);
    blocks.push(blockHead(bytes.length, 0, at + BLOCK_BYTES >= body.length), bytes);
  }
  return Buffer.concat([frameHead(windowLog), ...blocks]);
}

/** A frame that decodes to `blocks` times 128 KiB of one byte. Each block takes four bytes. */
export function runFrame(byte: number, blocks: number): Buffer {
  const parts: Uint8Array[] = [frameHead(17)];
  for (let i = 0; i < blocks; i++) parts.push(blockHead(131_072, 1, i === blocks - 1), Uint8Array.of(byte));
  return Buffer.concat(parts);
}

export function skippableFrame(bytes: number): Buffer {
  const head = Buffer.alloc(8 + bytes);
  head.writeUInt32LE(0x184d2a53, 0);
  head.writeUInt32LE(bytes, 4);
  return head;
}

function frameHead(windowLog: number): Uint8Array {
  return Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3);
}

function blockHead(bytes: number, type: 0 | 1, isLast: boolean): Uint8Array {
  const head = (bytes << 3) | (type << 1) | (isLast ? 1 : 0);
  return Uint8Array.of(head & 255, (head >> 8) & 255, head >> 16);
}
