/** One delivery being worked on. `hold` keeps its slot for another reason; each reason lets go once. */
export type Slot = { readonly hold: () => () => void };

/** How many deliveries are worked on at once, and the moment when none is. */
export type Slots = {
  /** A slot and how to leave it, or null when all are taken. */
  readonly enter: () => { readonly slot: Slot; readonly leave: () => void } | null;
  /** Resolves when no slot is taken. */
  readonly idle: () => Promise<void>;
};

/** Counts slots up to `limit`. A slot stays taken until its client has its answer and the store has let go of it: what hangs, counts. */
export const deliverySlots = (limit: number): Slots => {
  let taken = 0;
  let waiting: (() => void)[] = [];
  const free = (): void => {
    taken -= 1;
    if (taken > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const enter = (): ReturnType<Slots['enter']> => {
    if (taken >= limit) return null;
    taken += 1;
    let holders = 0;
    const hold = (): (() => void) => {
      let isHeld = true;
      holders += 1;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        holders -= 1;
        if (holders === 0) free();
      };
    };
    return { slot: { hold }, leave: hold() };
  };
  return { enter, idle: () => (taken === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))) };
};
