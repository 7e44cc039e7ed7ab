/**
 * Finds regular expressions that need exponential time: those with a loop in which one text can be read in two ways. The
 * expression becomes an automaton with one state per character position (Glushkov), and two runs of it are followed at once.
 */

/** One character position: which of the first 256 code points it takes, and whether it takes others. */
type Mask = bigint;

interface Fragment {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly isNullable: boolean;
}

const OTHER = '\u4e2d';
/** More copies of a bounded repetition add no new kind of ambiguity. */
const MAX_COPIES = 2;

class Automaton {
  readonly masks: Mask[] = [];
  /** How many ways lead from one position to the next, by `from * 65_536 + to`. */
  readonly edges = new Map<number, number>();
  readonly #source: string;
  readonly #flags: string;
  #at = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags.replaceAll(/[gy]/g, '');
    this.#alternation();
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
      isNullable: options.some(({ isNullable }) => isNullable),
    };
  }

  #sequence(): Fragment {
    let whole: Fragment = { first: [], last: [], isNullable: true };
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
      isNullable: one.isNullable && two.isNullable,
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
        whole = this.#joined(whole, { ...next, isNullable: next.isNullable || copy >= least });
      }
    }
    this.#at = behind;
    return { ...whole, isNullable: whole.isNullable || least === 0 };
  }

  #atom(): Fragment {
    const rest = this.#source.slice(this.#at);
    const nothing: Fragment = { first: [], last: [], isNullable: true };
    const group = /^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(rest);
    if (group !== null) {
      this.#at += group[0].length;
      const inner = this.#alternation();
      this.#at++;
      return /[=!]$/.test(group[0]) ? nothing : inner;
    }
    const assertion = /^(?:[$^]|\\[bB])/.exec(rest);
    if (assertion !== null) {
      this.#at += assertion[0].length;
      return nothing;
    }
    const text = /^(?:\[(?:[^\]\\]|\\.)*\]|\\(?:[pP]\{[^}]*\}|x[0-9a-f]{2}|u[0-9a-f]{4}|.)|[\s\S])/i.exec(
      rest,
    )![0];
    this.#at += text.length;
    const position = this.masks.push(this.#mask(text)) - 1;
    return { first: [position], last: [position], isNullable: false };
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
  // The same step twice, in a loop: as in (a+)+.
  for (const [edge, ways] of edges) {
    if (ways > 1 && reaches(edge & 0xffff, edge >> 16)) return true;
  }
  // Two runs that part and meet again, in a loop: as in (a|ab|b)+.
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

/** All that can be reached by at least one step. */
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
