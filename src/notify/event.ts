/** Events: what happened, as flat data. Amounts are decimal text, times ISO 8601 UTC. An event never contains a secret. */

export type EventData = Readonly<Record<string, string | number | boolean | null>>;

export interface NotifyEvent {
  /** UUID version 7. */
  readonly id: string;
  readonly type: string;
  /** Path of the concerned object, as in the admin API: `clients/acme`. */
  readonly subject: string;
  readonly clientId: string | null;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly data: EventData;
}

/** An event before the ledger gives it an id. */
export type NewEvent = Omit<NotifyEvent, 'id'>;

/** The types of events with their meaning. `client.threshold_80` represents every level other than 100 %. */
export const EVENT_TYPES = {
  'client.threshold_80':
    'The rolling total of a client rose over a level below or above its threshold; the name ends with the level in percent.',
  'client.crossed': 'The rolling total of a client rose over its threshold.',
  'client.fell_back': 'The rolling total of a client fell ten points below a level that it had reached.',
  'breach.opened': 'A breach began.',
  'breach.settled': 'The total is no longer over the threshold. Late usage may still change the breach.',
  'breach.closed': 'The breach is final, unless usage or a tariff changes afterwards.',
  'breach.void': 'Recomputing left nothing of the breach, or merged it into another one.',
  'invoice.drafted': 'A draft was made.',
  'invoice.ready': 'The breach or month of a draft has closed, so that it may be approved.',
  'invoice.approved': 'Finance approved a draft.',
  'invoice.approval_dropped': 'An approved draft changed and needs another approval.',
  'invoice.rejected': 'Finance rejected a draft.',
  'invoice.issued': 'An invoice was issued.',
  'invoice.voided': 'Recomputing left nothing to charge in a draft.',
  'invoice.reminded': 'An overdue invoice reached a level of dunning.',
  'invoice.disputed': 'A client disputes an issued invoice. Dunning rests.',
  'invoice.dispute_resolved': 'The dispute of an invoice was resolved.',
  'claim.expiring': 'A claim expires in 90, 30 or 7 days.',
  'hold.placed': 'Billing of a client, or of all clients, was put on hold.',
  'hold.released': 'A billing hold was released.',
  'tariff.changed': 'A version of a tariff was added or withdrawn.',
  'uncounted.rising':
    'In ten minutes, more than 1 % of the responses of a route were uncounted, and more than three times the share of the day before.',
  'uncounted.normal': 'The uncounted responses of a route are back to normal.',
  'route.stopped': 'The posts per response of a route fell below a tenth of those of the week before.',
  'route.recovered': 'A route finds posts again.',
  'ledger.away': 'A process has not reached the ledger for a minute. It keeps usage in its journal.',
  'ledger.back': 'The process reaches the ledger again.',
  'window.degraded':
    'A process has not reached the window store (Redis) for a minute. Totals cover that process only.',
  'window.recovered': 'The process reaches the window store again.',
  'clock.wrong': 'The clock of a machine is wrong.',
  'clock.right': 'The clock of the machine is right again.',
  'journal.faulty': 'A process cannot write its journal, or has lost records of it.',
  'journal.sound': 'The journal of the process is sound again.',
  'billing.stalled': 'The process that runs billing has not finished a run for several intervals.',
  'billing.resumed': 'Billing runs again.',
  'message.given_up': 'A message did not reach its receiver within the plan of attempts.',
  'receiver.test': 'An operator tests a receiver.',
} as const satisfies Readonly<Record<string, string>>;

const LEVEL_TYPE = /^client\.threshold_[1-9]\d{0,3}$/;

/** The type of the event that a level in percent of the threshold raises. */
export function levelEventType(level: number): string {
  return level === 100 ? 'client.crossed' : `client.threshold_${level}`;
}

/** True if the pattern (`*`, `client.*`, `invoice.ready`) matches a type that exists. */
export function isEventPattern(pattern: string): boolean {
  if (LEVEL_TYPE.test(pattern)) return true;
  return Object.keys(EVENT_TYPES).some((type) => matchesType(pattern, type));
}

/** `*` at the end of a pattern matches the rest of the type. */
export function matchesType(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
