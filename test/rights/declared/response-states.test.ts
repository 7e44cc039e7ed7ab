import { expect, it } from 'vitest';
import { HtmlHead } from '../../../src/rights/declared/html-head.ts';
import { statesInHead } from '../../../src/rights/declared/response-states.ts';
import { statesIn } from '../../../src/rights/state.ts';

it.each<[string, string, string[]]>([
  ['Postmeter-Rights', 'no-training, explicit', ['no_training', 'explicit']],
  ['postmeter-rights', 'NO_TRAINING', ['no_training']],
  ['Postmeter-Rights', 'password-protected', ['password_protected']],
  ['Postmeter-Rights', 'nonsense', []],
  ['X-Robots-Tag', 'noai', ['no_training']],
  ['X-Robots-Tag', 'noindex, noimageai', ['no_training']],
  ['X-Robots-Tag', 'GPTBot: noai', ['no_training']],
  ['X-Robots-Tag', 'noindex, nofollow', []],
  ['Content-Usage', 'train-ai=n', ['no_training']],
  ['Content-Usage', 'search=n;x=1, train-ai = n', ['no_training', 'no_search']],
  ['Content-Usage', 'train-ai=y', []],
  ['TDM-Reservation', '1', ['no_training']],
  ['TDM-Reservation', '0', []],
  ['X-Other', 'noai', []],
])('the field %s: %s declares %j', (name, value, expected) => {
  expect(statesIn(statesInHead(['Date', 'x', name, value]))).toEqual(expected);
});

it('adds up several fields', () => {
  const headers = ['X-Robots-Tag', 'noindex', 'X-Robots-Tag', 'noai', 'Postmeter-Rights', 'draft'];
  expect(statesIn(statesInHead(headers))).toEqual(['draft', 'no_training']);
});

const page = (head: string) => `<!doctype html><html><head><title>x</title>${head}</head><body>`;
const LATE = '<meta name="robots" content="noai">';

it.each<[string, string, string[]]>([
  ['robots', page('<meta name="robots" content="index, noai">'), ['no_training']],
  ['letter case', page('<META CONTENT="NOIMAGEAI" NAME="Robots">'), ['no_training']],
  ['tdm-reservation', page('<meta name="tdm-reservation" content="1"/>'), ['no_training']],
  ['references', page('<meta name="robots" content="no&#97;i">'), ['no_training']],
  [
    'other values',
    page('<meta name="robots" content="noindex"><meta name="tdm-reservation" content="0">'),
    [],
  ],
  ['other names', page('<meta name="description" content="noai">'), []],
  ['comments', page(`<!-- ${LATE} -->`), []],
  ['scripts', page(`<script>document.write('${LATE}')</script>`), []],
  ['the body', `${page('')}${LATE}`, []],
  ['a page without tags of its head', `<title>x</title>${LATE}<p>text`, ['no_training']],
  ['more than 64 KB', page(`<style>${'a'.repeat(70_000)}</style>${LATE}`), []],
])('reads %s in the head of a page, cut anywhere', (_name, html, expected) => {
  const bytes = new TextEncoder().encode(html);
  for (const step of [1, 7, 1_000, bytes.length]) {
    const head = new HtmlHead();
    for (let at = 0; at < bytes.length; at += step) head.write(bytes.subarray(at, at + step));
    expect(statesIn(head.states)).toEqual(expected);
  }
});

it('is over at the end of the head', () => {
  const head = new HtmlHead();
  head.write(new TextEncoder().encode('<head><title>x</title></he'));
  expect(head.isOver).toBe(false);
  head.write(new TextEncoder().encode('ad>'));
  expect(head.isOver).toBe(true);
});
