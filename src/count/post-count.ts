/**
 * What the counters of all formats tell of the posts that they find: which of them count, by the operator's
 * switches; embedded copies counted once; the ids that unique posts are counted by.
 */

import type { Kind } from './kinds.ts';
import type { PostId } from './post-id.ts';

/** A selector of a route, as far as counting asks. */
export interface SelectorRule {
  /** As the operator wrote it, to explain by. */
  readonly text: string;
  readonly kind: Kind | 'none';
  /** Its kind's switch. */
  readonly counts: boolean;
}

/** Whether embedded posts count, so that copies of one post must be told apart. */
export function hasEmbedded(selectors: ReadonlyArray<Pick<SelectorRule, 'kind' | 'counts'>>): boolean {
  return selectors.some(({ kind, counts }) => kind === 'embedded' && counts);
}

/** Whether an item is a post that copies may be embedded of. */
export function isWholePost({ kind }: Pick<SelectorRule, 'kind'>): boolean {
  return kind === 'post' || kind === 'reply' || kind === 'repost';
}

/** Told of every item, counted or not, where somebody wants an explanation. */
export type Explain = (selector: SelectorRule, outcome: 'counted' | 'switched_off' | 'duplicate') => void;

/** What a response may hold in ids until they are taken; later ones are not counted as unique posts. */
const MAX_IDS = 65_536;
/** Embedded posts are told apart up to here; more of them in one response are not counted. */
const MAX_EMBEDDED = 65_536;

/** What was found since the last time. */
export interface FoundPosts {
  readonly posts: number;
  /**
   * Hashes of the ids of counted posts, high and low half by turns, in the order of the body, repeats included.
   * Absent where no ids are known.
   */
  readonly ids?: Uint32Array;
}

export class PostCount {
  /** Posts found so far, whose last byte has been consumed. */
  posts = 0;
  readonly #selectors: readonly SelectorRule[];
  readonly #explain: Explain | null;
  readonly #wantsIds: boolean;
  /** Posts that were settled or taken already. */
  #settled = 0;
  #taken = 0;
  #ids: number[] = [];
  #settledIds = 0;
  /** Ids of this body (or frame): whole posts, and embedded ones that were counted. */
  #whole: Set<string> | null = null;
  #embedded: Set<string> | null = null;

  /** @param wantsIds whether unique posts are counted. */
  constructor(selectors: readonly SelectorRule[], wantsIds: boolean, explain: Explain | null = null) {
    this.#selectors = selectors;
    this.#wantsIds = wantsIds;
    this.#explain = explain;
    if (hasEmbedded(selectors)) {
      this.#whole = new Set();
      this.#embedded = new Set();
    }
  }

  /** Whether ids of posts are wanted at all: they cost time to find. */
  get readsIds(): boolean {
    return this.#wantsIds || this.#embedded !== null;
  }

  /** Whether somebody wants to be told of every item, of those too that do not count. */
  get explains(): boolean {
    return this.#explain !== null;
  }

  /** An item that the selector at `index` found has ended. `id` is read at once; null where none was looked for. */
  found(index: number, id: PostId | null): void {
    const selector = this.#selectors[index]!;
    if (!selector.counts) {
      if (this.#embedded !== null && id?.isKnown && isWholePost(selector)) this.#know(id);
      this.#explain?.(selector, 'switched_off');
      return;
    }
    if (this.#embedded !== null && !this.#isNew(selector, id)) {
      this.#explain?.(selector, 'duplicate');
      return;
    }
    this.posts++;
    this.#explain?.(selector, 'counted');
    if (this.#wantsIds && id?.isKnown && this.#ids.length < 2 * MAX_IDS) this.#ids.push(id.high, id.low);
  }

  /** A post that is switched off is in the response: a copy of it does not count in its stead. */
  #know({ high, low }: PostId): void {
    const key = `${high}:${low}`;
    this.#whole!.add(key);
    if (!this.#embedded!.delete(key)) return;
    this.posts--;
    for (let at = this.#ids.length - 2; at >= this.#settledIds; at -= 2) {
      if (this.#ids[at] !== high || this.#ids[at + 1] !== low) continue;
      this.#ids.splice(at, 2);
      return;
    }
  }

  #isNew({ kind }: SelectorRule, id: PostId | null): boolean {
    const isEmbedded = kind === 'embedded';
    // Without an id nobody can say whether it stands here twice: the doubt favours the client.
    if (!id?.isKnown) return !isEmbedded;
    const key = `${id.high}:${id.low}`;
    if (!isEmbedded) {
      this.#whole!.add(key);
      // The copy was counted in its stead.
      return !this.#embedded!.delete(key);
    }
    if (this.#whole!.has(key) || this.#embedded!.has(key)) return false;
    if (this.#embedded!.size >= MAX_EMBEDDED) return false;
    this.#embedded!.add(key);
    return true;
  }

  /** A frame of a stream is over and sound: what was found stands, whatever comes later. */
  settle(): void {
    this.#settled = this.posts;
    this.#settledIds = this.#ids.length;
    this.#whole?.clear();
    this.#embedded?.clear();
  }

  /** What was found since `settle` is doubtful, and counts as nothing. */
  revert(): void {
    this.posts = this.#settled;
    this.#ids.length = this.#settledIds;
    this.#whole?.clear();
    this.#embedded?.clear();
  }

  /** Settled posts that were not taken yet. */
  get untaken(): number {
    return this.#settled - this.#taken;
  }

  /** Takes what is settled; nothing is taken twice. */
  takeSettled(): FoundPosts {
    const posts = this.untaken;
    this.#taken = this.#settled;
    if (this.#settledIds === 0) return { posts };
    const ids = Uint32Array.from(this.#ids.slice(0, this.#settledIds));
    this.#ids = this.#ids.slice(this.#settledIds);
    this.#settledIds = 0;
    return { posts, ids };
  }
}
