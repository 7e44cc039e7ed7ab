/** A body that several rules may read: its beginning is held until it shows which rule applies. */

import type { BoundedBody, CountedBody } from './bounded-body.ts';
import type { Choice, Scan } from './count-decision.ts';
import type { CountResult } from './counter.ts';
import { HeldBeginning } from './form/held-beginning.ts';

const NO_POSTS: CountResult = { posts: 0 };

export class BodyByForm implements CountedBody {
  readonly #byForm: Choice['byForm'];
  readonly #open: (scan: Scan) => BoundedBody;
  /** Null once the form is known. */
  #beginning: HeldBeginning | null = new HeldBeginning();
  /** Null before that, and if the body holds no posts. */
  #body: BoundedBody | null = null;

  /** @param open creates the reader of the body. */
  constructor(byForm: Choice['byForm'], open: (scan: Scan) => BoundedBody) {
    this.#byForm = byForm;
    this.#open = open;
  }

  get posts(): number {
    return this.#body?.posts ?? 0;
  }

  get hasNews(): boolean {
    return this.#body?.hasNews ?? false;
  }

  take(): CountResult {
    return this.#body?.take() ?? NO_POSTS;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#beginning === null) return this.#body?.write(chunk) ?? false;
    const held = this.#beginning.read(chunk);
    return held === null || this.#choose(held);
  }

  fault(): void {
    this.#end();
    this.#body?.fault();
  }

  result(isWhole: boolean): CountResult {
    this.#end();
    return this.#body?.result(isWhole) ?? NO_POSTS;
  }

  /** Called when no more bytes come and the held ones must suffice. */
  #end(): void {
    if (this.#beginning !== null) this.#choose(this.#beginning.end());
  }

  #choose(held: Uint8Array): boolean {
    const scan = this.#byForm[this.#beginning!.form!];
    this.#beginning = null;
    if (scan === null) return false;
    this.#body = this.#open(scan);
    return this.#body.write(held);
  }
}
