/** Compiles the AT Protocol entries of a route: which records are posts. */

import type { RouteProblems } from '../route/problem.ts';
import type { RecordEntry } from '../route/schema.ts';
import { parseWhere, type Where } from '../where.ts';

export interface RecordTest {
  /** The record's `$type`, which is also the name of its collection. */
  readonly type: string;
  /** Null for every record of the type. */
  readonly where: Where | null;
}

export interface RecordPlan {
  /** In the order of the selectors. */
  readonly tests: readonly RecordTest[];
}

/** An NSID (atproto.com/specs/nsid): a reversed domain name and a name. At most 317 characters. */
const NSID = /^[a-z](?:[a-z0-9-]{0,62})?(?:\.[a-z0-9](?:[a-z0-9-]{0,62})?)+\.[a-z][a-z0-9]{0,62}$/i;
const MAX_NSID_LENGTH = 317;

export function compileRecords(entries: readonly RecordEntry[], problems: RouteProblems): RecordPlan {
  const tests = entries.map(({ record, where }, index): RecordTest => {
    if (record.length > MAX_NSID_LENGTH || !NSID.test(record)) {
      const message = `${JSON.stringify(record)} is not a record type; use the form app.bsky.feed.post`;
      problems.add([index, 'record'], message);
    }
    const test = where === undefined ? null : problems.read([index, 'where'], () => parseWhere(where));
    return { type: record, where: test };
  });
  return { tests };
}
