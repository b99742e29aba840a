/** Somebody asked the demo to end. */
export type Interrupt = {
  /** Aborted as soon as somebody asks, with nothing but that for a reason. */
  readonly signal: AbortSignal;
  /** Resolves at the same moment. */
  readonly asked: Promise<void>;
  /** 128 and the number of the signal, as shells have it; 0 when nobody asked. */
  readonly exitCode: () => number;
  readonly end: () => void;
};

const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type Name = keyof typeof numbers;

/**
 * Listens until `end`. A terminal sends Ctrl-C to npm and to us, and npm sends it on: the second must not cut short what
 * the first began.
 */
export const listenForInterrupt = (onFirst: () => void): Interrupt => {
  const controller = new AbortController();
  let first: Name | null = null;
  const listener = (name: Name): void => {
    if (first !== null) return;
    first = name;
    onFirst();
    controller.abort();
  };
  const names = Object.keys(numbers) as Name[];
  for (const name of names) process.on(name, listener as NodeJS.SignalsListener);
  return {
    signal: controller.signal,
    asked: new Promise((resolve) => controller.signal.addEventListener('abort', () => resolve(), { once: true })),
    exitCode: () => (first === null ? 0 : 128 + numbers[first]),
    end: () => {
      // Once asked, we keep listening: the second signal may come in our last moment. No handle may hold us for long then.
      if (first !== null) setTimeout(() => process.exit(), 5000).unref();
      else for (const name of names) process.off(name, listener as NodeJS.SignalsListener);
    },
  };
};
