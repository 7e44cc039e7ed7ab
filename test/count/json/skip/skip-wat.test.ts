import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import wabt from 'wabt';

const read = (file: string) =>
  readFileSync(new URL(`../../../../src/count/json/skip/${file}`, import.meta.url), 'utf8');

it('the module in skip-wasm.ts is skip.wat, assembled', async () => {
  const assembled = (await wabt()).parseWat('skip.wat', read('skip.wat'), { simd: true });
  const held = [...read('skip-wasm.ts').matchAll(/^ {2}'([\w+/=]+)'/gm)].map(([, text]) => text).join('');
  expect(held).toBe(Buffer.from(assembled.toBinary({}).buffer).toString('base64'));
});
