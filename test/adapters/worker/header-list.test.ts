/** Node's Headers replace those of the runtime. They have everything that is used here. */

import type { Headers as WorkersHeaders } from '@cloudflare/workers-types';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { headerListOf, headersLike, headersOf } from '../../../src/adapters/worker/header-list.ts';

const NAMES = ['accept', 'cookie', 'host', 'set-cookie', 'via', 'x-one'];
const fields = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom('1', '2', '3')), {
  maxLength: 8,
});

it('headersLike makes the same headers as headersOf', () => {
  const changes = fc.array(fc.constantFrom('keep', 'drop', 'change'), { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(fields, changes, fields, (received, change, added) => {
      const own = new Headers(received) as unknown as WorkersHeaders;
      const from = headerListOf(own);
      const list: string[] = [];
      for (let at = 0; at < from.length; at += 2) {
        const what = change[at / 2];
        if (what === 'drop') continue;
        list.push(from[at]!, what === 'change' ? 'changed' : from[at + 1]!);
      }
      list.push(...added.flat());
      expect(headerListOf(headersLike(own, from, list))).toEqual(headerListOf(headersOf(list)));
    }),
  );
});
