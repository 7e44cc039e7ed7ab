/** Reproducible randomness: `FAULTS_SEED=N` draws the same faults and moments in the same order. */

export interface Chance {
  /** In [0, 1). */
  fraction(): number;
  /** Returns a whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  pick<T>(of: readonly T[]): T;
  shuffled<T>(of: readonly T[]): T[];
}

/** Draws separately for each `name`, so that parallel files do not affect each other. Prints the seed. */
export function chanceFor(name: string): Chance {
  const given = process.env.FAULTS_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`FAULTS_SEED is not a whole number: ${given}`);
  process.stderr.write(`${name}: FAULTS_SEED=${seed} draws the same faults again\n`);
  return chanceOf(mulberry32(seed ^ hash(name)));
}

function chanceOf(fraction: () => number): Chance {
  const between = (from: number, to: number): number => from + Math.floor(fraction() * (to - from + 1));
  return {
    fraction,
    between,
    pick: (of) => of[between(0, of.length - 1)]!,
    shuffled: (of) =>
      of
        .map((one) => ({ one, at: fraction() }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one),
  };
}

/** Tommy Ettinger's mulberry32. Its 32 bits of state suffice for some hundred draws. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0)!, 0x01000193);
  return value;
}
