/** Numbers by chance that a seed repeats, fast enough for millions (xorshift32: Marsaglia, "Xorshift RNGs"). */

/** A source of numbers. */
export interface Random {
  /** A word of 32 bits; never 0. */
  readonly word: () => number;
  /** A whole number from 0 up, below a limit. */
  readonly below: (limit: number) => number;
  readonly one: <T>(of: readonly T[]) => T;
}

/** Starts at a seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  const word = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  const below = (limit: number): number => Math.floor((word() / 0x1_0000_0000) * limit);
  return {
    word,
    below,
    one: (of) => {
      const found = of[below(of.length)];
      if (found === undefined) throw new RangeError("there is nothing to choose from");
      return found;
    },
  };
}
