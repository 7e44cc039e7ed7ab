/** Compiles the AT Protocol entries of a route, and decides which decoded records are posts. */

import type { RouteProblems } from '../route/problem.ts';
import type { RecordEntry } from '../route/schema.ts';
import { parseWhere, valuePasses, type Where } from '../where.ts';

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

export type DagMap = Readonly<Record<string, unknown>>;

/** The first selector that matches the value of a block; -1 if it is not a post. */
export function selectorOf(plan: RecordPlan, value: unknown): number {
  const type = memberOf(value, '$type');
  if (typeof type !== 'string') return -1;
  return plan.tests.findIndex(
    (test) => test.type === type && (test.where === null || passes(test.where, value)),
  );
}

/** A DAG-CBOR map, as opposed to a list, bytes or a link. */
export function isMap(value: unknown): value is DagMap {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof Uint8Array) && (value as { asCID?: unknown }).asCID !== value;
}

/** Undefined if it is absent, which DAG-CBOR values never are. */
export function memberOf(value: unknown, name: string): unknown {
  // Own members only, because a map may contain any name, including `__proto__` and `constructor`.
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function passes(where: Where, record: unknown): boolean {
  return valuePasses(where, where.member.reduce(memberOf, record));
}
