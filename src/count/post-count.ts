/**
 * Collects the posts that the counters of all formats find: which of them count by the operator's switches, embedded
 * copies once, and the ids for unique posts.
 */

import type { Kind } from './kinds.ts';
import type { PostId } from './post-id.ts';

/** The properties of a route's selector that counting needs. */
export interface SelectorRule {
  /** As the operator wrote it, for explanations. */
  readonly text: string;
  readonly kind: Kind | 'none';
  /** The switch of its kind. */
  readonly counts: boolean;
}

/** Whether embedded posts count, so that copies of one post must be identified. */
export function hasEmbedded(selectors: ReadonlyArray<Pick<SelectorRule, 'kind' | 'counts'>>): boolean {
  return selectors.some(({ kind, counts }) => kind === 'embedded' && counts);
}

/** Whether an item is a post of which embedded copies may exist. */
export function isWholePost({ kind }: Pick<SelectorRule, 'kind'>): boolean {
  return kind === 'post' || kind === 'reply' || kind === 'repost';
}

/** Called for every item, counted or not, if an explanation is requested. */
export type Explain = (selector: SelectorRule, outcome: 'counted' | 'switched_off' | 'duplicate') => void;

/** Maximum number of ids of a response until they are taken; later ones do not count as unique posts. */
const MAX_IDS = 65_536;
/** Maximum number of distinct embedded posts; further ones in one response do not count. */
const MAX_EMBEDDED = 65_536;

/** The posts found since the last call. */
export interface FoundPosts {
  readonly posts: number;
  /**
   * Hashes of the ids of counted posts, alternating high and low halves, in the order of the body, including repeats.
   * Absent if no ids are known.
   */
  readonly ids?: Uint32Array;
}

export class PostCount {
  /** Posts found so far whose last byte has been consumed. */
  posts = 0;
  readonly #selectors: readonly SelectorRule[];
  readonly #explain: Explain | null;
  readonly #wantsIds: boolean;
  /** Number of posts that were settled, and that were taken. */
  #settled = 0;
  #taken = 0;
  #ids: number[] = [];
  #settledIds = 0;
  /** Ids of this body (or frame): whole posts, and embedded posts that were counted. */
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

  /** Whether ids of posts are needed; finding them takes time. */
  get readsIds(): boolean {
    return this.#wantsIds || this.#embedded !== null;
  }

  /** Whether every item is reported, including those that do not count. */
  get explains(): boolean {
    return this.#explain !== null;
  }

  /**
   * Records an item of the selector at `index` that has ended. `id` is read immediately; null if the selector has
   * none.
   */
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

  /** Records a post whose kind is switched off, so that a copy of it does not count instead. */
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
    // Without an id a duplicate cannot be recognised, and doubt favours the client.
    if (!id?.isKnown) return !isEmbedded;
    const key = `${id.high}:${id.low}`;
    if (!isEmbedded) {
      this.#whole!.add(key);
      // Its embedded copy was already counted.
      return !this.#embedded!.delete(key);
    }
    if (this.#whole!.has(key) || this.#embedded!.has(key)) return false;
    if (this.#embedded!.size >= MAX_EMBEDDED) return false;
    this.#embedded!.add(key);
    return true;
  }

  /** Ends a valid frame of a stream: its posts count, whatever follows. */
  settle(): void {
    this.#settled = this.posts;
    this.#settledIds = this.#ids.length;
    this.#whole?.clear();
    this.#embedded?.clear();
  }

  /** Discards the posts found since `settle`, because they are doubtful. */
  revert(): void {
    this.posts = this.#settled;
    this.#ids.length = this.#settledIds;
    this.#whole?.clear();
    this.#embedded?.clear();
  }

  /** Settled posts that have not been taken. */
  get untaken(): number {
    return this.#settled - this.#taken;
  }

  /** Takes the settled posts; each is taken once. */
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
