/**
 * Counts posts in the messages of a firehose (`com.atproto.sync.subscribeRepos`, atproto.com/specs/event-stream): the
 * records that a commit creates or changes, if the commit includes their blocks. A changed record delivers its text
 * again, so it counts again under the same id. A deleted record delivers nothing.
 */

import type { CID } from 'multiformats';
import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import { PostId } from '../post-id.ts';
import type { UncountedReason } from '../uncounted.ts';
import { CarBlocks, decodedBlock } from './car-blocks.ts';
import { memberOf, type RecordPlan, selectorOf } from './plan.ts';

/** An operation that delivers a record of a type in the route. */
interface DeliveredRecord {
  /** Collection and key. */
  readonly path: string;
  readonly block: string;
}

interface Commit {
  readonly repo: string;
  readonly delivered: readonly DeliveredRecord[];
  readonly blocks: Uint8Array;
}

/** The head of a CBOR array of two. */
const ARRAY_OF_TWO = 0x82;

const byteText = new TextDecoder('latin1');

export class FirehoseCounter implements FormatCounter {
  readonly failure: UncountedReason | undefined;
  flaw: UncountedReason | undefined;
  readonly #plan: RecordPlan;
  readonly #found: PostCount;
  readonly #id = new PostId();

  constructor(plan: RecordPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
  }

  /** @param message one whole WebSocket message. */
  write(message: Uint8Array): void {
    const fault = this.#readMessage(message);
    if (fault === undefined) this.#found.settle();
    else {
      this.#found.revert();
      this.flaw ??= fault;
    }
  }

  end(): void {}

  #readMessage(message: Uint8Array): UncountedReason | undefined {
    const parts = partsOf(message);
    if (parts === null) return 'frame';
    const [header, body] = parts;
    const operation = memberOf(header, 'op');
    // The upstream reports an error and closes.
    if (operation === -1) return undefined;
    const type = memberOf(header, 't');
    if (operation !== 1 || typeof type !== 'string') return 'frame';
    // Identities, accounts and similar messages contain no records. The specification requires skipping unknown
    // types.
    if (type !== '#commit') return undefined;
    const commit = commitOf(this.#plan, body);
    return commit === null ? 'frame' : this.#countCommit(commit);
  }

  #countCommit({ repo, delivered, blocks }: Commit): UncountedReason | undefined {
    if (delivered.length === 0) return undefined;
    const selectors = selectorsByBlock(this.#plan, blocks, new Set(delivered.map(({ block }) => block)));
    if (!(selectors instanceof Map)) return selectors;
    for (const { path, block } of delivered) {
      const selector = selectors.get(block) ?? -1;
      if (selector < 0 || !path.startsWith(`${this.#plan.tests[selector]!.type}/`)) continue;
      this.#id.readText(`at://${repo}/${path}`);
      this.#found.found(selector, this.#id);
    }
    return undefined;
  }
}

/** A message is two consecutive objects, which is an array of two without its head. */
function partsOf(message: Uint8Array): [unknown, unknown] | null {
  const array = new Uint8Array(message.length + 1);
  array[0] = ARRAY_OF_TWO;
  array.set(message, 1);
  const parts = decodedBlock(array);
  return Array.isArray(parts) ? (parts as [unknown, unknown]) : null;
}

function commitOf(plan: RecordPlan, body: unknown): Commit | null {
  const repo = memberOf(body, 'repo');
  const ops = memberOf(body, 'ops');
  const blocks = memberOf(body, 'blocks');
  if (typeof repo !== 'string' || !Array.isArray(ops) || !(blocks instanceof Uint8Array)) return null;
  return { repo, delivered: ops.flatMap((op) => deliveredBy(plan, op)), blocks };
}

function deliveredBy(plan: RecordPlan, op: unknown): DeliveredRecord[] {
  const action = memberOf(op, 'action');
  const path = memberOf(op, 'path');
  const cid = memberOf(op, 'cid');
  if ((action !== 'create' && action !== 'update') || typeof path !== 'string' || !isCid(cid)) return [];
  if (!plan.tests.some(({ type }) => path.startsWith(`${type}/`))) return [];
  return [{ path, block: keyOf(cid.bytes) }];
}

/** The selectors of the requested blocks that the CAR contains, or the reason why they cannot be read. */
function selectorsByBlock(
  plan: RecordPlan,
  car: Uint8Array,
  wanted: ReadonlySet<string>,
): Map<string, number> | UncountedReason {
  const selectors = new Map<string, number>();
  let isSound = true;
  const blocks = new CarBlocks((_codec, cid, bytes) => {
    const key = keyOf(cid);
    if (!wanted.has(key)) return;
    const value = decodedBlock(bytes);
    if (value === undefined) isSound = false;
    else selectors.set(key, selectorOf(plan, value));
  });
  blocks.write(car);
  if (blocks.fault !== undefined) return blocks.fault;
  return isSound && blocks.isWhole ? selectors : 'frame';
}

function isCid(value: unknown): value is CID {
  return typeof value === 'object' && value !== null && (value as { asCID?: unknown }).asCID === value;
}

/** Maps each byte to a character, which is faster than the base32 form of the CID. */
function keyOf(cid: Uint8Array): string {
  return byteText.decode(cid);
}
