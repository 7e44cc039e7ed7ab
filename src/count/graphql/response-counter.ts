/**
 * Selects the counter for the response to a GraphQL request: one result, a batch, or a stream of results in frames.
 */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import type { PostCount } from '../post-count.ts';
import { JsonSeqCounter } from '../stream/json-seq.ts';
import { MultipartCounter } from '../stream/multipart.ts';
import { ndjsonCounter } from '../stream/ndjson.ts';
import { SseCounter } from '../stream/sse.ts';
import { BatchCounter } from './batch-counter.ts';
import { Conversation } from './conversation.ts';
import { conversationCounter } from './conversation-counter.ts';
import type { ResponsePlan } from './request.ts';
import { resultCounter } from './result-counter.ts';

type Framing = 'sse' | 'multipart' | 'lines' | 'sequence';

/**
 * How results are framed: as events (GraphQL over SSE), as parts of a multipart body (incremental delivery, Apollo
 * subscriptions), as lines or as a sequence (Hot Chocolate). Null if the body is one result or one batch.
 */
export function framingOf(contentType: string): Framing | null {
  const type = contentType.trimStart().toLowerCase();
  if (type.startsWith('text/event-stream')) return 'sse';
  if (type.startsWith('multipart/')) return 'multipart';
  if (/^application\/(?:jsonl|json-lines|(?:x-)?ndjson)\b/.test(type)) return 'lines';
  return type.startsWith('application/json-seq') ? 'sequence' : null;
}

export function responseCounter(plan: ResponsePlan, contentType: string, found: PostCount): FormatCounter {
  if (plan instanceof Conversation) return conversationCounter(plan, found);
  const framing = framingOf(contentType);
  const isBatch = typeof plan !== 'string' && 'batch' in plan;
  if (framing === null) return isBatch ? new BatchCounter(plan.batch, found) : resultCounter(plan, found);
  // Frames do not name their operation in a batch.
  if (isBatch || typeof plan === 'string') return UNKNOWN_STREAM;
  const frames = (of: JsonPlan) => framedCounter(framing, of, contentType, found);
  return 'doubtful' in plan ? doubtfulStream(frames(plan.doubtful), found) : frames(plan);
}

function framedCounter(
  framing: Framing,
  plan: JsonPlan,
  contentType: string,
  found: PostCount,
): FormatCounter {
  switch (framing) {
    case 'sse':
      return new SseCounter(plan, null, found);
    case 'multipart':
      return new MultipartCounter(plan, contentType, found);
    case 'lines':
      return ndjsonCounter(plan, found);
    case 'sequence':
      return new JsonSeqCounter(plan, found);
  }
}

/**
 * Posts at the document's locations prove that the document was executed. Without posts, it may have been another
 * one.
 */
function doubtfulStream(frames: FormatCounter, found: PostCount): FormatCounter {
  let isOver = false;
  return {
    failure: undefined,
    get flaw() {
      return frames.flaw ?? (isOver && found.posts === 0 ? 'document' : undefined);
    },
    write: (chunk) => frames.write(chunk),
    end() {
      frames.end();
      isOver = true;
    },
    cut() {
      isOver = true;
    },
  };
}

const UNKNOWN_STREAM: FormatCounter = {
  failure: undefined,
  flaw: 'document',
  write: () => {},
  end: () => {},
};
