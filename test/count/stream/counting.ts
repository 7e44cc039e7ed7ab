/** Runs a format's counter over a body in pieces, as a response's counter does, and counts texts by the slow way. */

import { BoundedBody } from '../../../src/count/bounded-body.ts';
import type { FormatCounter } from '../../../src/count/format-counter.ts';
import type { JsonPlan } from '../../../src/count/json/automaton/plan.ts';
import { compileJson } from '../../../src/count/json/compile.ts';
import { PostCount } from '../../../src/count/post-count.ts';
import { planned } from '../planned.ts';

export type MakeFormat = (plan: JsonPlan, found: PostCount) => FormatCounter;

export interface Streamed {
  readonly posts: number;
  readonly uncounted: string | undefined;
}

function planOf(path: string, inside: string | undefined): JsonPlan {
  const entry = { json: path, kind: 'post', ...(inside === undefined ? {} : { inside }) } as const;
  const compiled = planned((problems) => compileJson([entry], undefined, problems));
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.plan;
}

/** A body that is being counted. `after` returns the posts that are final after this many more bytes. */
export function startCounting(make: MakeFormat, path: string, isStream = true, inside?: string) {
  const found = new PostCount([{ text: path, kind: 'post', counts: true }], false);
  const body = new BoundedBody(make(planOf(path, inside), found), found, Number.POSITIVE_INFINITY, isStream);
  const bytesOf = (piece: string | Uint8Array) => (typeof piece === 'string' ? Buffer.from(piece) : piece);
  return {
    write: (piece: string | Uint8Array): void => {
      // The chunk belongs to the sender again. A counter that kept it now reads other bytes.
      const bytes = Uint8Array.from(bytesOf(piece));
      body.write(bytes);
      bytes.fill(0x7b);
    },
    after: (piece: string | Uint8Array): number => {
      body.write(Uint8Array.from(bytesOf(piece)));
      return found.untaken;
    },
    finish: (isWhole = true): Streamed => {
      const { posts, uncounted } = body.result(isWhole);
      return { posts, uncounted };
    },
  };
}

export function countPieces(
  make: MakeFormat,
  path: string,
  pieces: Iterable<string | Uint8Array>,
  {
    isWhole = true,
    isStream = true,
    inside,
  }: { isWhole?: boolean; isStream?: boolean; inside?: string } = {},
): Streamed {
  const counting = startCounting(make, path, isStream, inside);
  for (const piece of pieces) counting.write(piece);
  return counting.finish(isWhole);
}

/** Counts the text whole and byte by byte, which must give the same. */
export function countText(make: MakeFormat, path: string, text: string, options = {}): Streamed {
  const bytes = Buffer.from(text);
  const whole = countPieces(make, path, [bytes], options);
  const singly = countPieces(
    make,
    path,
    [...bytes].map((byte) => Uint8Array.of(byte)),
    options,
  );
  if (JSON.stringify(singly) !== JSON.stringify(whole)) {
    throw new Error(`whole ${JSON.stringify(whole)}, byte by byte ${JSON.stringify(singly)}`);
  }
  return whole;
}

/** The posts of `$.posts[*]` in one text of JSON, or undefined if it is not JSON or has another shape. */
export function slowPosts(text: string): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (value === null || value === false || value === '') return 0;
  if (Array.isArray(value)) return value.length === 0 ? 0 : undefined;
  if (typeof value !== 'object') return undefined;
  const { posts } = value as { posts?: unknown };
  if (posts === undefined || posts === null) return 0;
  if (!Array.isArray(posts)) return undefined;
  return posts.filter((post) => typeof post === 'object' && post !== null && !Array.isArray(post)).length;
}
