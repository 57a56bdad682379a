/**
 * Settles as `work` does, or rejects with the signal's reason as soon as that is aborted, whether `work` heeds it or not.
 * Leaves no listener behind.
 *
 * @param late Takes what `work` gives after that, to put it away.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal, late?: (value: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    work.then((value) => {
      if (signal.aborted) return late?.(value);
      signal.removeEventListener("abort", abort);
      resolve(value);
    }, (error) => {
      signal.removeEventListener("abort", abort);
      reject(error);
    });
  });
}
