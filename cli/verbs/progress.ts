import type { Terminal } from "../terminal.ts";

/** How far something is that takes its time, on the last line of a terminal; in a pipe it is not shown. */
export interface Progress {
  /** One more is done. */
  done(): void;
  /** Shows lines above it. */
  above(show: () => void): void;
  /** Takes it away. */
  end(): void;
}

/** Makes one. @param total From how many on it is worth a line: 20. */
export function createProgress(terminal: Terminal, doing: string, total: number): Progress {
  const isShown = terminal.isWatched && total >= 20;
  let count = 0;
  const clear = () => isShown && terminal.note("\r\x1b[K");
  const draw = () =>
    isShown && terminal.note(`\r\x1b[K${doing} ${count.toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")}`);
  return {
    done() {
      count++;
      draw();
    },
    above(show) {
      clear();
      show();
      draw();
    },
    end: () => void clear(),
  };
}
