import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { count, piecesOf } from '../../../count/counting.ts';
import { runFrame } from './zstd-frames.ts';

const MIB = 1024 * 1024;

it('a bomb in gzip passes in bounded memory', async () => {
  const bomb = gzipSync(Buffer.alloc(24 * MIB, ' '));
  const before = process.memoryUsage().arrayBuffers;
  const result = await count(piecesOf(Buffer.concat([bomb, bomb, bomb]), 16_384), {
    coding: 'gzip',
    maxDecodedBytes: 48 * MIB,
  });
  expect(result).toEqual({ posts: 0, uncounted: 'too_large' });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(12 * MIB);
});

it('a bomb in zstd passes in bounded memory', async () => {
  const bomb = runFrame(0x20, 2048);
  const before = process.memoryUsage().arrayBuffers;
  const result = await count([bomb], { coding: 'zstd', maxDecodedBytes: 64 * MIB });
  expect(result).toEqual({ posts: 0, uncounted: 'too_large' });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * MIB);
});
