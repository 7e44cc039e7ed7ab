import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import wabt from 'wabt';

const read = (file: string) => readFileSync(new URL(`../../src/count/${file}`, import.meta.url), 'utf8');

it('the module in json-skip-wasm.ts is json-skip.wat, assembled', async () => {
  const assembled = (await wabt()).parseWat('json-skip.wat', read('json-skip.wat'), { simd: true });
  const held = [...read('json-skip-wasm.ts').matchAll(/^ {2}'([\w+/=]+)'/gm)]
    .map(([, text]) => text)
    .join('');
  expect(held).toBe(Buffer.from(assembled.toBinary({}).buffer).toString('base64'));
});
