/**
 * Counts posts in the parts of a multipart body: JSON, batches of HTTP responses (OData, Google), nested multiparts.
 */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { JsonFrames } from './json-frames.ts';
import { HEAD_INCOMPLETE, PartHead } from './part-head.ts';
import { boundaryOf, type PartReader, Parts } from './parts.ts';

/** Maximum nesting: OData nests a changeset in a batch, and HTTP in the changeset. */
const MAX_DEPTH = 6;

const JSON_TYPE = /^[\w.-]+\/(?:[\w.-]+\+)?json$/;
const STATUS_LINE = /^HTTP\/\d(?:\.\d)? ([1-5]\d\d)/;
/** Codings that leave the bytes unchanged (RFC 2045, section 6.2; RFC 9110, section 8.4.1). */
const PLAIN_CODINGS: ReadonlySet<string> = new Set(['', '7bit', '8bit', 'binary', 'identity']);

export class MultipartCounter implements FormatCounter {
  readonly failure = undefined;
  /** Frames of parts that are declared as JSON, and of parts without a declared type. */
  readonly #json: JsonFrames;
  readonly #unnamed: JsonFrames;
  readonly #parts: Parts | null;
  #fault: UncountedReason | undefined;

  /** @param contentType of the response; contains the boundary. */
  constructor(plan: JsonPlan, contentType: string, found: PostCount) {
    this.#json = new JsonFrames(plan, found, 'flaw');
    this.#unnamed = new JsonFrames(plan, found, 'passes');
    this.#parts = this.#partsOf(contentType, 0);
  }

  get flaw(): UncountedReason | undefined {
    return this.#fault ?? this.#json.flaw ?? this.#unnamed.flaw;
  }

  write(chunk: Uint8Array): void {
    this.#parts?.write(chunk);
  }

  end(): void {
    this.#parts?.end();
  }

  #partsOf(contentType: string, depth: number): Parts | null {
    const boundary = boundaryOf(contentType);
    if (boundary === undefined || depth >= MAX_DEPTH) return this.#flawed('frame');
    const open = () => new Message(false, (head) => this.#bodyOf(head, depth + 1));
    return new Parts(boundary, open, () => this.#flawed('frame'));
  }

  /** The reader of the body after this head; null if it cannot contain posts. */
  #bodyOf(head: PartHead, depth: number): PartReader | null {
    if (head.isTooLong || depth >= MAX_DEPTH) return this.#flawed('frame');
    const type = head.value('content-type');
    const isMultipart = type.startsWith('multipart/');
    const isJson = JSON_TYPE.test(type);
    if (!isMultipart && !isJson && type !== 'application/http' && type !== '' && type !== 'text/plain') {
      return null;
    }
    const isEncoded = ['content-transfer-encoding', 'content-encoding'].some(
      (name) => !PLAIN_CODINGS.has(head.value(name)),
    );
    if (isEncoded) return this.#flawed('encoding');
    if (isMultipart) return this.#partsOf(head.field('content-type'), depth);
    if (type === 'application/http') return new Message(true, (inner) => this.#answerOf(inner, depth + 1));
    const frames = isJson ? this.#json : this.#unnamed;
    return {
      write: (bytes) => frames.write(bytes, 0, bytes.length),
      end: () => frames.endFrame(),
    };
  }

  /** The reader for a response inside a part, by the rules for whole responses. */
  #answerOf(head: PartHead, depth: number): PartReader | null {
    const status = Number(STATUS_LINE.exec(head.startLine)?.[1]);
    if (Number.isNaN(status)) return this.#flawed('frame');
    if (status < 200 || status > 299 || status === 204 || status === 205) return null;
    return status === 206 ? this.#flawed('partial') : this.#bodyOf(head, depth);
  }

  #flawed(reason: UncountedReason): null {
    this.#fault ??= reason;
    return null;
  }
}

/** A head and the body that it describes. */
class Message implements PartReader {
  readonly #head: PartHead;
  readonly #bodyOf: (head: PartHead) => PartReader | null;
  #body: PartReader | null = null;
  #isInHead = true;

  constructor(isHttp: boolean, bodyOf: (head: PartHead) => PartReader | null) {
    this.#head = new PartHead(isHttp);
    this.#bodyOf = bodyOf;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isInHead) {
      this.#body?.write(bytes);
      return;
    }
    const bodyAt = this.#head.read(bytes);
    if (bodyAt === HEAD_INCOMPLETE && !this.#head.isTooLong) return;
    this.#endHead();
    if (bodyAt !== HEAD_INCOMPLETE && bodyAt < bytes.length) this.#body?.write(bytes.subarray(bodyAt));
  }

  /** A head without a blank line after it has no body, but is still checked. */
  end(): void {
    if (this.#isInHead) this.#endHead();
    this.#body?.end();
  }

  #endHead(): void {
    this.#isInHead = false;
    this.#body = this.#bodyOf(this.#head);
  }
}
