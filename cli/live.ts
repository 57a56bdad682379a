import type { Clock } from "../mod.ts";
import type { Terminal } from "./terminal.ts";

/** How often the screen is drawn anew at the most, in milliseconds. */
const FRAME = 100;
/** How often it is drawn where nothing happens: times go on. */
const TICK = 1_000;

/** What is shown in place, on a terminal. */
export interface Live {
  /** Something has changed: it is drawn soon. */
  changed(): void;
  /** Draws it for the last time, whole, and leaves it there. */
  end(): void;
}

/** What to draw. */
export interface LiveOptions {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** The lines for a screen so wide; of more than fit, the last are shown. */
  readonly lines: (columns: number) => readonly string[];
}

/**
 * Shows lines in place: each time over what was there before. Lines must not be wider than the screen. Where the screen was made narrower, what
 * the terminal has wrapped itself stays above.
 */
export function createLive({ terminal, clock, lines }: LiveOptions): Live {
  let drawn = 0; // lines on the screen
  let last = "";
  let due: (() => void) | undefined;
  let lastDrawing = -Infinity;
  let ended = false;

  function draw(isLast = false): void {
    due?.();
    due = undefined;
    lastDrawing = clock.monotonic();
    const { columns = 80, rows = 24 } = terminal.screen ?? {};
    const all = lines(columns);
    const shown = isLast ? all : all.slice(-Math.max(1, rows - 1));
    const text = shown.map((line) => `${line}\x1b[K\n`).join("");
    // Up to where it began, and what was longer before is cleared.
    if (text !== last || isLast) terminal.out(`${drawn > 0 ? `\x1b[${drawn}A\r` : ""}${text}\x1b[J`);
    [drawn, last] = [shown.length, text];
    if (!isLast) due = clock.setTimer(TICK, draw);
  }
  return {
    changed() {
      if (ended) return;
      const early = lastDrawing + FRAME - clock.monotonic();
      if (early <= 0) return draw();
      due?.();
      due = clock.setTimer(early, draw);
    },
    end() {
      if (ended) return;
      ended = true;
      draw(true);
    },
  };
}
