import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, cuts } from '../json/arbitraries.ts';
import { document, selectors } from './arbitraries.ts';
import { bytesOf, countXml, feed, hashOf, xml } from './counting.ts';
import { slowCount } from './slow-count.ts';

const encoder = new TextEncoder();

function utf16(text: string, isLittle: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at), isLittle);
  return new Uint8Array(view.buffer);
}

const encodings: ReadonlyArray<(text: string) => Uint8Array> = [
  (text) => encoder.encode(text),
  (text) => encoder.encode(`\ufeff${text}`),
  (text) => utf16(`\ufeff${text}`, true),
  (text) => utf16(`\ufeff${text}`, false),
  (text) => utf16(text, true),
];

describe('feeds', () => {
  it('are counted as over their DOM, however they are cut and encoded', () => {
    fc.assert(
      fc.property(document, selectors, fc.constantFrom(...encodings), cuts, (text, chosen, encode, at) => {
        const slow = slowCount(
          text,
          chosen.map((one) => one.slow),
        );
        const entries = chosen.map(({ entry }) => entry);
        const body = encode(text);
        const expected = slow.isShape
          ? { failure: 'shape' }
          : { failure: undefined, found: slow.found, ids: slow.ids.map(hashOf) };
        expect(countXml(entries, cut(body, at))).toMatchObject(expected);
        expect(countXml(entries, bytesOf(body))).toMatchObject(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('that are cut off hold no item that is not whole, and all that are', () => {
    fc.assert(
      fc.property(document, fc.double({ min: 0, max: 1, noNaN: true }), (text, fraction) => {
        const entries = [feed()];
        const body = encoder.encode(text);
        const part = body.subarray(0, Math.floor(fraction * body.length));
        const whole = countXml(entries, [body]);
        const some = countXml(entries, [part], true);
        expect(some).toEqual(countXml(entries, bytesOf(part), true));
        expect(some.found.length).toBeLessThanOrEqual(whole.found.length);
      }),
    );
  });
});

describe('random bytes', () => {
  const marks = [
    '<',
    '>',
    '</',
    '/>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '<!DOCTYPE',
    '[',
    ']',
    '&',
    ';',
    '"',
  ];
  const words = [
    'rss',
    'channel',
    'item',
    ' a=',
    'xmlns:b="',
    'b:',
    '=',
    "'",
    '\0',
    'é',
    ' ',
    '<rss><channel>',
    '<item>',
    '</item>',
  ];
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.constantFrom(...marks, ...words), { maxLength: 80 })
      .map((parts) => encoder.encode(parts.join(''))),
    fc
      .array(fc.constantFrom(...marks, ...words), { maxLength: 80 })
      .map((parts) => encoder.encode(`<rss><channel><item>${parts.join('')}`)),
  );

  it('never crash, and count the same for every cut', () => {
    const entries = [feed('a:b@c == "x"', 'guid | @b:a'), feed(), xml('/rss/channel/item/item')];
    fc.assert(
      fc.property(noise, cuts, (body, at) => {
        const whole = countXml(entries, [body]);
        expect(countXml(entries, cut(body, at)).failure).toBe(whole.failure);
        const inBytes = countXml(entries, bytesOf(body));
        expect(inBytes.failure).toBe(whole.failure);
        if (whole.failure === undefined) expect(inBytes).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });
});
