/** What a page can show, and the port that tells whether it has changed. */

/**
 * `audit` includes changes of clients, identifiers and tariffs. `usage` changes when a gateway ships usage, about once a
 * second under load.
 */
export const TOPICS = [
  'audit',
  'breaches',
  'holds',
  'invoices',
  'messages',
  'rights',
  'usage',
  'what-ifs',
] as const;
export type Topic = (typeof TOPICS)[number];

/** A stamp of a topic differs from an earlier one if something of the topic has changed in between. */
export type Stamps = Readonly<Record<Topic, string>>;

export interface ChangeStamps {
  stamps(): Promise<Stamps>;
}
