/** What each event says to people: one sentence, the figures, and a link to the page of the object. */

import type { EVENT_TYPES, EventData, NotifyEvent } from './event.ts';

/** The part of an event that its texts are made of. */
export type ToldEvent = Pick<NotifyEvent, 'type' | 'subject' | 'atMs' | 'data'>;

export interface Words {
  /** One sentence. */
  readonly title: string;
  /** Figures with their names, in the order of the event's data. */
  readonly facts: ReadonlyArray<readonly [name: string, value: string]>;
}

type Sentence = (data: EventData) => string;

const client = (data: EventData) => String(data.name ?? data.client ?? 'a client');
const ofThreshold = (data: EventData) =>
  `${figure(data.total)} of ${figure(data.threshold)} posts (${data.percent} %)`;
const money = (data: EventData) => `${figure(data.amount)} ${data.currency}`;
const breach: (what: string) => Sentence = (what) => (data) =>
  `A breach of ${data.client} ${what}: ${money(data)}`;
const invoice: (what: string) => Sentence = (what) => (data) => {
  const kind = String(data.kind ?? 'invoice').replace('_', ' ');
  return `${kind[0]!.toUpperCase()}${kind.slice(1)} of ${data.client} ${what}: ${money(data)}`;
};
const process: (what: string) => Sentence = (what) => (data) => `${data.process}: ${what}`;
const route: (what: string) => Sentence = (what) => (data) => `Route ${data.route} ${what}`;

const SENTENCES: Readonly<Record<Exclude<keyof typeof EVENT_TYPES, 'client.threshold_80'>, Sentence>> = {
  'client.crossed': (data) => `${client(data)} is over its threshold: ${ofThreshold(data)}`,
  'client.fell_back': (data) =>
    `${client(data)} fell back below its level of ${data.level} %: ${ofThreshold(data)}`,
  'breach.opened': breach('has begun'),
  'breach.settled': breach('is over and settles'),
  'breach.closed': breach('has closed'),
  'breach.void': breach('is void'),
  'invoice.drafted': invoice('was drafted'),
  'invoice.ready': invoice('is ready for approval'),
  'invoice.approved': invoice('was approved'),
  'invoice.approval_dropped': invoice('changed and needs another approval'),
  'invoice.rejected': invoice('was rejected'),
  'invoice.issued': (data) => invoice(`was issued with number ${data.number}`)(data),
  'invoice.voided': invoice('is void'),
  'invoice.reminded': (data) => invoice(`reached level ${data.level} of dunning`)(data),
  'invoice.disputed': invoice('is disputed'),
  'invoice.dispute_resolved': (data) => invoice(`has a resolved dispute (${data.outcome})`)(data),
  'claim.expiring': (data) => `The claim against ${data.client} expires on ${data.on}: ${money(data)}`,
  'hold.placed': (data) => `Billing of ${data.client ?? 'all clients'} is on hold`,
  'hold.released': (data) => `Billing of ${data.client ?? 'all clients'} is released`,
  'tariff.changed': (data) => `The tariff of ${data.client ?? 'all clients without their own'} has changed`,
  'uncounted.rising': route('has more uncounted responses than usual'),
  'uncounted.normal': route('counts as usual again'),
  'route.stopped': route('no longer finds posts as it did'),
  'route.recovered': route('finds posts again'),
  'ledger.away': process('the ledger is unreachable'),
  'ledger.back': process('the ledger is reachable again'),
  'window.degraded': process('the window store is unreachable'),
  'window.recovered': process('the window store is reachable again'),
  'clock.wrong': process('the clock is wrong'),
  'clock.right': process('the clock is right again'),
  'journal.faulty': process('the journal is faulty'),
  'journal.sound': process('the journal is sound again'),
  'billing.stalled': process('billing does not run'),
  'billing.resumed': process('billing runs again'),
  'message.given_up': (data) => `A message to ${data.receiver} was given up`,
  'receiver.test': (data) => `Test of the receiver ${data.receiver}`,
};

export function wordsOf({ type, data }: ToldEvent): Words {
  const sentence = (SENTENCES as Readonly<Record<string, Sentence>>)[type];
  const title =
    sentence?.(data) ?? `${client(data)} is over ${data.level} % of its threshold: ${ofThreshold(data)}`;
  const facts = Object.entries(data).flatMap(([name, value]) =>
    value === null ? [] : [[nameOf(name), figure(value)] as const],
  );
  return { title, facts };
}

/** `postsLastHour` is `posts last hour`. */
function nameOf(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Numbers and amounts get thousands separators; other text is unchanged. */
function figure(value: EventData[string] | undefined): string {
  if (typeof value === 'number') return value.toLocaleString('en', { maximumFractionDigits: 2 });
  const text = String(value ?? '');
  const [, sign, whole, rest] = /^(-?)(\d{4,15})(\.\d+)?$/.exec(text) ?? [];
  return whole === undefined ? text : `${sign}${Number(whole).toLocaleString('en')}${rest ?? ''}`;
}

/** Pages of the console by the first step of an event's subject. */
const PAGES: Readonly<Record<string, (id: string) => string>> = {
  clients: (id) => `/clients/${id}`,
  breaches: () => '/invoices',
  invoices: (id) => `/invoices/${id}`,
  tariffs: () => '/tariffs',
  routes: () => '/routes',
  processes: () => '/health',
  receivers: () => '/alerts',
  messages: (id) => `/alerts/messages/${id}`,
};

/** The address of the page about the event; null without `consoleUrl`. */
export function pageLinkOf({ subject, data }: ToldEvent, consoleUrl: string | null): string | null {
  if (consoleUrl === null) return null;
  const [kind = '', ...rest] = subject.split('/');
  // A breach has no page of its own: its client's page shows it.
  if (kind === 'breaches' && typeof data.client === 'string')
    return linkTo(consoleUrl, 'clients', data.client);
  return linkTo(consoleUrl, kind, rest.join('/'));
}

function linkTo(consoleUrl: string, kind: string, id: string): string {
  const path = PAGES[kind]?.(encodeURIComponent(id)) ?? '/alerts';
  return `${consoleUrl.endsWith('/') ? consoleUrl.slice(0, -1) : consoleUrl}${path}`;
}
