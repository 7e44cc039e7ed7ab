import { describe, expect, it } from 'vitest';
import { chatBody, mailText, webhookBody } from '../../src/notify/bodies.ts';
import { EVENT_TYPES, isEventPattern } from '../../src/notify/event.ts';
import { wants } from '../../src/notify/receiver.ts';
import { rotated, shownAddress, validSecrets } from '../../src/notify/sealed.ts';
import { pageLinkOf, wordsOf } from '../../src/notify/words.ts';

const CROSSED = {
  type: 'client.crossed',
  subject: 'clients/acme',
  clientId: 'acme',
  atMs: Date.UTC(2026, 2, 2, 2, 0, 7),
  data: {
    client: 'acme',
    name: 'ACME <&>',
    level: 100,
    total: 1_600_000,
    threshold: 1_000_000,
    percent: 160,
  },
};
const CONSOLE = 'https://admin.example/';

describe('words', () => {
  it.each(Object.keys(EVENT_TYPES))('of %s are a sentence without missing figures', (type) => {
    const data = {
      ...CROSSED.data,
      ...{
        process: 'gw-1',
        route: '/posts',
        receiver: 'soc',
        amount: '24000.00',
        currency: 'USD',
        kind: 'credit_note',
        number: 7,
        outcome: 'settled',
        on: '2027-02-27',
      },
    };
    const { title, facts } = wordsOf({ ...CROSSED, type, data });
    expect(title).toMatch(/^\S.{10,}/);
    expect(title).not.toMatch(/undefined|null/);
    expect(facts.map(([name]) => name)).toContain('total');
  });

  it('have thousands separators and names in words', () => {
    expect(wordsOf(CROSSED).title).toBe(
      'ACME <&> is over its threshold: 1,600,000 of 1,000,000 posts (160 %)',
    );
    expect(wordsOf({ ...CROSSED, data: { postsLastHour: 1234, amount: '-1234.50' } }).facts).toEqual([
      ['posts last hour', '1,234'],
      ['amount', '-1,234.50'],
    ]);
  });

  it.each([
    ['clients/addr:2001:db8::/56', {}, '/clients/addr%3A2001%3Adb8%3A%3A%2F56'],
    ['breaches/1', { client: 'acme' }, '/clients/acme'],
    ['invoices/1', {}, '/invoices/1'],
    ['routes//a/b', {}, '/routes'],
    ['processes/gw-1:1', {}, '/health'],
    ['elsewhere/1', {}, '/alerts'],
  ])('link %s to its page', (subject, data, path) => {
    expect(pageLinkOf({ ...CROSSED, subject, data }, CONSOLE)).toBe(`https://admin.example${path}`);
    expect(pageLinkOf({ ...CROSSED, subject, data }, null)).toBeNull();
  });
});

describe('bodies', () => {
  it('of webhooks have type, time and data', () => {
    expect(JSON.parse(webhookBody(CROSSED, CONSOLE))).toEqual({
      type: 'client.crossed',
      timestamp: '2026-03-02T02:00:07Z',
      data: { ...CROSSED.data, link: 'https://admin.example/clients/acme' },
    });
  });

  it('of chats have a text and sections with escaped text of at most 3,000 characters', () => {
    const long = { ...CROSSED, data: { ...CROSSED.data, reason: '<!channel> '.repeat(1_000) } };
    const body = JSON.parse(chatBody(long, CONSOLE));
    expect(Object.keys(body)).toEqual(['text', 'blocks']);
    for (const block of body.blocks) {
      expect(block).toEqual({ type: 'section', text: { type: 'mrkdwn', text: expect.any(String) } });
      expect(block.text.text.length).toBeLessThanOrEqual(3_000);
    }
    expect(body.blocks[0].text.text).toContain('ACME &lt;&amp;&gt;');
    expect(body.blocks[0].text.text).toContain('<https://admin.example/clients/acme|Open>');
    expect(body.blocks[1].text.text).not.toContain('<!channel>');
  });

  it('of mail are text and HTML, and a line break in a name does not begin a header', () => {
    const named = { ...CROSSED, data: { ...CROSSED.data, name: 'ACME\r\nBcc: all@example.com <script>' } };
    const { subject, text, html } = mailText([named], CONSOLE);
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).toContain('threshold: 1,000,000');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('<script>');
    expect(mailText([CROSSED, named], null).subject).toMatch(/^\[Postmeter\] 2 alerts: /);
  });
});

describe('receivers', () => {
  const receiver = { id: 'r1', isOn: true, events: ['client.*', 'ledger.away'], clientIds: null };
  const event = (type: string, more = {}) => ({ ...CROSSED, type, ...more });

  it.each([
    [receiver, event('client.crossed'), true],
    [receiver, event('client.threshold_80'), true],
    [receiver, event('ledger.away', { clientId: null }), true],
    [receiver, event('ledger.back', { clientId: null }), false],
    [{ ...receiver, isOn: false }, event('client.crossed'), false],
    [{ ...receiver, clientIds: ['acme'] }, event('client.crossed'), true],
    [{ ...receiver, clientIds: ['globex'] }, event('client.crossed'), false],
    [{ ...receiver, clientIds: ['acme'] }, event('ledger.away', { clientId: null }), false],
    [{ ...receiver, events: ['*'] }, event('invoice.ready'), true],
    [receiver, event('receiver.test', { subject: 'receivers/r1' }), true],
    [{ ...receiver, events: ['*'] }, event('receiver.test', { subject: 'receivers/r2' }), false],
    [{ ...receiver, events: ['*'] }, event('message.given_up', { subject: 'receivers/r1' }), false],
    [{ ...receiver, events: ['*'] }, event('message.given_up', { subject: 'receivers/r2' }), true],
  ])('case %#', (subscription, one, isWanted) => {
    expect(wants(subscription, one)).toBe(isWanted);
  });

  it.each([
    ['*', true],
    ['client.*', true],
    ['client.threshold_95', true],
    ['client.threshold_0', false],
    ['clients.*', false],
    ['invoice.paid', false],
    ['', false],
  ])('the pattern %j exists: %s', (pattern, exists) => {
    expect(isEventPattern(pattern)).toBe(exists);
  });
});

it('signs with two secrets for a day after a rotation, and never with three', () => {
  const DAY_MS = 86_400_000;
  const first = { address: 'https://hooks.example/', signing: [{ text: 'a', validUntilMs: null }] };
  const second = rotated(first, 'b', 0);
  expect(validSecrets(second, DAY_MS - 1)).toEqual(['b', 'a']);
  expect(validSecrets(second, DAY_MS)).toEqual(['b']);
  expect(validSecrets(rotated(second, 'c', 1), 2)).toEqual(['c', 'b']);
});

it('shows the host of a URL alone', () => {
  expect(shownAddress('https://hooks.example:8443/services/T0/B0/secret')).toBe('hooks.example:8443');
  expect(shownAddress('finance@example.com')).toBe('finance@example.com');
});
