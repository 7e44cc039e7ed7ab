/** A body that several rules may read: its beginning is held until it shows which rule applies. */

import type { BoundedBody, CountedBody } from './bounded-body.ts';
import type { Choice, Scan } from './count-decision.ts';
import type { CountResult } from './counter.ts';
import { HeldBeginning } from './form/held-beginning.ts';

const NO_POSTS: CountResult = { posts: 0 };

export class BodyByForm implements CountedBody {
  readonly #beginning: HeldBeginning;
  /** Null before the form is known, and if the body holds no posts. */
  #body: BoundedBody | null = null;
  /** False if nothing that follows the beginning can change the result. */
  #wantsMore = true;

  /** @param open creates the reader of the body. */
  constructor(byForm: Choice['byForm'], open: (scan: Scan) => BoundedBody) {
    this.#beginning = new HeldBeginning((held, form) => {
      const scan = byForm(form);
      this.#body = scan && open(scan);
      this.#wantsMore = this.#body?.write(held) ?? false;
    });
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
    if (this.#beginning.takes(chunk)) return this.#wantsMore;
    return this.#body?.write(chunk) ?? false;
  }

  fault(): void {
    this.#beginning.end();
    this.#body?.fault();
  }

  result(isWhole: boolean): CountResult {
    this.#beginning.end();
    return this.#body?.result(isWhole) ?? NO_POSTS;
  }
}
