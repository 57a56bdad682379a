/** What the programs send to the server has to pass it: while it is closed, the world stands still, and a test can look at it. */
export interface Gate {
  readonly isOpen: boolean;
  open(): void;
  close(): void;
  /** Resolves once it is open; undefined where it is. */
  pass(): Promise<void> | undefined;
}

/** Makes a closed one. */
export function createGate(): Gate {
  let isOpen = false;
  let opened = Promise.withResolvers<void>();
  const wait = async () => {
    // Who was let through first may have closed it again.
    while (!isOpen) await opened.promise;
  };
  return {
    get isOpen() {
      return isOpen;
    },
    open() {
      if (isOpen) return;
      isOpen = true;
      opened.resolve();
      opened = Promise.withResolvers();
    },
    close: () => void (isOpen = false),
    pass: () => isOpen ? undefined : wait(),
  };
}
