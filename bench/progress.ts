/**
 * How far a bench is: lines that stay, and on a terminal one that says what goes on now, and how long the rest may take.
 *
 * @module
 */

/** Tells people how far it is. */
export interface Progress {
  /** So many turns will be taken. */
  begin(turns: number): void;
  /** The next turn begins. */
  turn(name: string): void;
  /** A line that stays. */
  say(text: string): void;
  end(): void;
}

/** Where lines go. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Tells it on a screen. @param now A clock that never goes back, in milliseconds. */
export function createProgress(screen: Screen, now: () => number = () => performance.now()): Progress {
  let turns = 0;
  let taken = -1;
  let begun = 0;
  let shown = "";
  const erase = () => shown && screen.write("\r\x1b[K");
  const show = () => {
    if (screen.isTTY) screen.write(shown = shown.slice(0, (screen.columns ?? 80) - 1));
  };
  return {
    begin(count) {
      turns = count;
      begun = now();
    },
    turn(name) {
      taken++;
      const left = taken > 0 ? (now() - begun) / taken * (turns - taken) : undefined;
      const rest = left === undefined ? "" : left < 90_000 ? ", < 2 min left" : `, about ${Math.round(left / 60_000)} min left`;
      if (!screen.isTTY) return;
      erase();
      shown = `${taken + 1} of ${turns}${rest}: ${name}`;
      show();
    },
    say(text) {
      erase();
      screen.write(`${text}\n`);
      show();
    },
    end() {
      erase();
      shown = "";
    },
  };
}
