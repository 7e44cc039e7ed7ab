/**
 * Finds regular expressions that need more than linear time. The time is exponential if a loop can read one text in two
 * ways, and polynomial if two consecutive loops can read it. The expression becomes an automaton with one state per
 * character position (Glushkov), and two or three runs of it are followed at once.
 */

/** One character position: which of the first 256 code points it accepts, and whether it accepts others. */
type Mask = bigint;

interface Fragment {
  readonly first: readonly number[];
  readonly last: readonly number[];
  /** Positions after which the expression has matched regardless of the rest, because no assertion follows. */
  readonly sureLast: readonly number[];
  readonly isNullable: boolean;
  readonly isSurelyNullable: boolean;
}

const NOTHING: Fragment = { first: [], last: [], sureLast: [], isNullable: true, isSurelyNullable: true };

const OTHER = '\u4e2d';
const ANYTHING: Mask = (1n << 257n) - 1n;
/** An assertion of the start of the text. No run can pass it again. */
const NEVER: Mask = 0n;
/** It may fail, and consumes no character. */
const ASSERTION: Fragment = { ...NOTHING, isSurelyNullable: false };

/** More copies of a bounded repetition add no new kind of ambiguity. */
const MAX_COPIES = 2;

class Automaton {
  readonly masks: Mask[] = [];
  /** The number of paths from one position to the next, by `from * 65_536 + to`. */
  readonly edges = new Map<number, number>();
  readonly #source: string;
  readonly #flags: string;
  /** Positions after which the expression has matched. */
  readonly sureLast: ReadonlySet<number>;
  #at = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags.replaceAll(/[gy]/g, '');
    const { first, sureLast } = this.#alternation();
    // An expression that is not sticky may begin at any character.
    if (!flags.includes('y')) {
      const before = this.masks.push(ANYTHING) - 1;
      this.#connect([before], [before, ...first]);
    }
    this.sureLast = new Set(sureLast);
    if (this.#at < source.length) throw new Error(`not read to its end: ${source}`);
  }

  #alternation(): Fragment {
    const options = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at++;
      options.push(this.#sequence());
    }
    return {
      first: options.flatMap(({ first }) => first),
      last: options.flatMap(({ last }) => last),
      sureLast: options.flatMap(({ sureLast }) => sureLast),
      isNullable: options.some(({ isNullable }) => isNullable),
      isSurelyNullable: options.some(({ isSurelyNullable }) => isSurelyNullable),
    };
  }

  #sequence(): Fragment {
    let whole = NOTHING;
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at]!)) {
      whole = this.#joined(whole, this.#quantified());
    }
    return whole;
  }

  #joined(one: Fragment, two: Fragment): Fragment {
    this.#connect(one.last, two.first);
    return {
      first: one.isNullable ? [...one.first, ...two.first] : one.first,
      last: two.isNullable ? [...one.last, ...two.last] : two.last,
      sureLast: two.isSurelyNullable ? [...one.sureLast, ...two.sureLast] : two.sureLast,
      isNullable: one.isNullable && two.isNullable,
      isSurelyNullable: one.isSurelyNullable && two.isSurelyNullable,
    };
  }

  #connect(from: readonly number[], to: readonly number[]): void {
    for (const one of from) {
      for (const two of to) this.edges.set(one * 65_536 + two, (this.edges.get(one * 65_536 + two) ?? 0) + 1);
    }
  }

  #quantified(): Fragment {
    const from = this.#at;
    const one = this.#atom();
    const quantifier = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at));
    if (quantifier === null) return one;
    const behind = this.#at + quantifier[0].length;
    const [, sign, min, comma, max] = quantifier;
    const least = sign === undefined ? Number(min) : Number(sign === '+');
    const most =
      sign === '?'
        ? 1
        : sign !== undefined || (comma === ',' && max === '')
          ? Number.POSITIVE_INFINITY
          : Number(max || min);
    let whole = one;
    if (most === Number.POSITIVE_INFINITY) this.#connect(one.last, one.first);
    else {
      for (let copy = 1; copy < Math.min(most, MAX_COPIES); copy++) {
        this.#at = from;
        const next = this.#atom();
        whole = this.#joined(
          whole,
          copy >= least ? { ...next, isNullable: true, isSurelyNullable: true } : next,
        );
      }
    }
    this.#at = behind;
    return least === 0 ? { ...whole, isNullable: true, isSurelyNullable: true } : whole;
  }

  #atom(): Fragment {
    const rest = this.#source.slice(this.#at);
    const group = /^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(rest);
    if (group !== null) {
      this.#at += group[0].length;
      const inner = this.#alternation();
      this.#at++;
      return /[=!]$/.test(group[0]) ? { ...ASSERTION, first: inner.first } : inner;
    }
    const assertion = /^(?:[$^]|\\[bB])/.exec(rest);
    if (assertion !== null) {
      this.#at += assertion[0].length;
      return rest[0] === '^' && !this.#flags.includes('m') ? this.#position(NEVER) : ASSERTION;
    }
    const text = /^(?:\[(?:[^\]\\]|\\.)*\]|\\(?:[pP]\{[^}]*\}|x[0-9a-f]{2}|u[0-9a-f]{4}|.)|[\s\S])/i.exec(
      rest,
    )![0];
    this.#at += text.length;
    return this.#position(this.#mask(text));
  }

  #position(mask: Mask): Fragment {
    const one = [this.masks.push(mask) - 1];
    return { first: one, last: one, sureLast: one, isNullable: false, isSurelyNullable: false };
  }

  #mask(text: string): Mask {
    const one = new RegExp(`^(?:${text})$`, this.#flags);
    let mask = 0n;
    for (let code = 0; code < 256; code++)
      if (one.test(String.fromCharCode(code))) mask |= 1n << BigInt(code);
    return one.test(OTHER) ? mask | (1n << 256n) : mask;
  }
}

/** Whether a text exists that makes the time of a failed match grow exponentially with its length. */
export function isExponential({ source, flags }: RegExp): boolean {
  const { masks, edges } = new Automaton(source, flags);
  const next = masks.map((): number[] => []);
  for (const edge of edges.keys()) next[edge >> 16]!.push(edge & 0xffff);
  const reaches = (from: number, to: number): boolean => follow([from], (at) => next[at]!).has(to);
  // The same step occurs twice in a loop, as in (a+)+.
  for (const [edge, ways] of edges) {
    if (ways > 1 && reaches(edge & 0xffff, edge >> 16)) return true;
  }
  // Two runs part and meet again in a loop, as in (a|ab|b)+.
  const size = masks.length;
  const steps = (pair: number): number[] =>
    next[Math.floor(pair / size)]!.flatMap((one) =>
      next[pair % size]!.filter((two) => (masks[one]! & masks[two]!) !== 0n).map((two) => one * size + two),
    );
  for (let start = 0; start < size; start++) {
    if (!reaches(start, start)) continue;
    const parted = [...follow([start * size + start], steps)].filter(
      (pair) => Math.floor(pair / size) !== pair % size,
    );
    if (parted.length > 0 && follow(parted, steps).has(start * size + start)) return true;
  }
  return false;
}

/**
 * Whether a text exists that makes the time of a failed match grow with the square of its length, or faster. That needs
 * two consecutive loops that can both read it, followed by a part that may not match. A search begins at any character,
 * which is a loop as well.
 */
export function isSuperLinear({ source, flags }: RegExp): boolean {
  const { masks, edges, sureLast } = new Automaton(source, flags);
  const size = masks.length;
  const next = masks.map((): number[] => []);
  for (const edge of edges.keys()) next[edge >> 16]!.push(edge & 0xffff);
  const below = next.map((_, at) => follow([at], (one) => next[one]!));
  const loops = next.map((_, at) => at).filter((at) => below[at]!.has(at));
  // Follows three runs on one text: one stays in the first loop, one in the second, and one passes from the first to
  // the second.
  const stepsFor = (first: number, second: number) => (triple: number) => {
    const [a, b, c] = [Math.floor(triple / size / size), Math.floor(triple / size) % size, triple % size];
    const found: number[] = [];
    for (const one of next[a]!) {
      if (!below[one]!.has(first)) continue;
      for (const two of next[b]!) {
        const shared = masks[one]! & masks[two]!;
        if (shared === 0n || sureLast.has(two) || !below[two]!.has(second)) continue;
        for (const three of next[c]!) {
          if (sureLast.has(three) || !below[three]!.has(second)) continue;
          if ((shared & masks[three]!) === 0n) continue;
          found.push((one * size + two) * size + three);
        }
      }
    }
    return found;
  };
  return loops.some((first) =>
    loops.some((second) => {
      if (first === second || sureLast.has(second) || !below[first]!.has(second)) return false;
      const start = (first * size + first) * size + second;
      return follow([start], stepsFor(first, second)).has((first * size + second) * size + second);
    }),
  );
}

/** All positions that can be reached by at least one step. */
function follow(from: readonly number[], steps: (at: number) => readonly number[]): Set<number> {
  const found = new Set<number>();
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const to of steps(at)) {
      if (found.has(to)) continue;
      found.add(to);
      open.push(to);
    }
  }
  return found;
}
