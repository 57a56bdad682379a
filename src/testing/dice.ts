/** Chances that are the same in every run of a seed. */
export interface Dice {
  /** At least 0, below 1. */
  readonly fraction: () => number;
  /** A whole number from 0 up to, not including, `sides`. */
  readonly roll: (sides: number) => number;
  /** Whether something happens that happens so often. @param share 0 to 1. */
  readonly chance: (share: number) => boolean;
  /** One of these. */
  readonly pick: <T>(of: readonly T[]) => T;
  /** A whole number from `least` to `most`. */
  readonly between: (least: number, most: number) => number;
}

/** Makes dice (Mulberry32). @param seed Any text or number. */
export function createDice(seed: string | number): Dice {
  let state = 0x9e3779b9;
  for (const character of String(seed)) state = Math.imul(state ^ character.codePointAt(0)!, 0x85ebca6b) ^ state >>> 13;
  const fraction = () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
  const roll = (sides: number) => Math.floor(fraction() * sides);
  return {
    fraction,
    roll,
    chance: (share) => fraction() < share,
    pick: (of) => of[roll(of.length)]!,
    between: (least, most) => least + roll(most - least + 1),
  };
}

const DIGITS = "0123456789abcdef";

/** Runs something with the platform's chances thrown by these dice: identities, claims and spreads are part of a seed, too. */
export async function withDice<T>(dice: Dice, run: () => Promise<T>): Promise<T> {
  const { random } = Math;
  const digits = (count: number) => {
    let text = "";
    for (let place = 0; place < count; place++) text += DIGITS[dice.roll(16)];
    return text;
  };
  const randomUUID = () => `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`;
  Math.random = dice.fraction;
  Object.defineProperty(crypto, "randomUUID", { value: randomUUID, configurable: true });
  try {
    return await run();
  } finally {
    Math.random = random;
    Reflect.deleteProperty(crypto, "randomUUID");
  }
}
