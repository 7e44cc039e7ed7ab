/**
 * One client's posts in the rolling window: a queue of buckets with a running sum. The window ends with the bucket
 * of the caller's clock, or with the newest bucket if another process's clock is ahead. A bucket is in the window
 * if it is newer than that end minus `windowMs`, so it leaves at its own start plus `windowMs`.
 */

export class BucketQueue {
  /** Ascending, parallel to `#posts`. Valid from `#first` on; older entries are removed from time to time. */
  #buckets: number[] = [];
  #posts: number[] = [];
  #first = 0;
  sum = 0;

  get isEmpty(): boolean {
    return this.#first === this.#buckets.length;
  }

  /** The oldest bucket with posts. */
  get oldestMs(): number | undefined {
    return this.#buckets[this.#first];
  }

  /** Adds to buckets in any order. Ignores buckets that have left the window. Returns the window's last bucket. */
  addAll(
    adds: ReadonlyArray<{ readonly bucketMs: number; readonly posts: number }>,
    nowBucketMs: number,
    windowMs: number,
  ): number {
    let newestMs = nowBucketMs;
    for (const { bucketMs } of adds) newestMs = Math.max(newestMs, bucketMs);
    const endMs = this.roll(newestMs, windowMs);
    for (const { bucketMs, posts } of adds) {
      if (posts !== 0 && bucketMs > endMs - windowMs) this.#add(bucketMs, posts);
    }
    return endMs;
  }

  /** Drops the buckets that have left the window. Returns the window's last bucket. */
  roll(nowBucketMs: number, windowMs: number): number {
    const newestMs = this.#buckets.at(-1) ?? 0;
    // A clock ran a whole window ahead. What it wrote would exclude the posts of all other processes.
    const broken = newestMs > nowBucketMs + windowMs;
    const endMs = broken ? nowBucketMs : Math.max(nowBucketMs, newestMs);
    while (
      this.#first < this.#buckets.length &&
      (broken || this.#buckets[this.#first]! <= endMs - windowMs)
    ) {
      this.sum -= this.#posts[this.#first]!;
      this.#first += 1;
    }
    if (this.#first > 64 || this.#first === this.#buckets.length) {
      this.#buckets.splice(0, this.#first);
      this.#posts.splice(0, this.#first);
      this.#first = 0;
    }
    return endMs;
  }

  #add(bucketMs: number, posts: number): void {
    this.sum += posts;
    if (this.#buckets.length === 0) {
      // A first push would reserve 17 entries in each array, and nearly all of a million clients have one bucket.
      this.#buckets = [bucketMs];
      this.#posts = [posts];
      return;
    }
    let at = this.#buckets.length;
    // Nearly always the newest bucket or a newer one, so the loop does not run.
    while (at > this.#first && this.#buckets[at - 1]! > bucketMs) at -= 1;
    if (at > this.#first && this.#buckets[at - 1] === bucketMs) {
      this.#posts[at - 1]! += posts;
      if (this.#posts[at - 1] === 0) {
        this.#buckets.splice(at - 1, 1);
        this.#posts.splice(at - 1, 1);
      }
      return;
    }
    this.#buckets.splice(at, 0, bucketMs);
    this.#posts.splice(at, 0, posts);
  }
}
