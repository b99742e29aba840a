import type { EpochMs } from '../../domain/time.ts';

/** What was seen lately: bounded in time and in number, the oldest forgotten first. */
export type Memory<T> = {
  readonly recall: (id: string) => T | undefined;
  readonly keep: (id: string, value: T) => void;
};

/** `Map` keeps the order of insertion, so what is over stands in front. */
export const memoryOf = <T>(
  nowMs: () => EpochMs,
  { forMs, most }: { readonly forMs: number; readonly most: number },
): Memory<T> => {
  const kept = new Map<string, { readonly value: T; readonly atMs: EpochMs }>();
  const forget = (): void => {
    for (const [id, { atMs }] of kept) {
      if (kept.size <= most && nowMs() - atMs <= forMs) return;
      kept.delete(id);
    }
  };
  return {
    recall: (id) => {
      forget();
      return kept.get(id)?.value;
    },
    keep: (id, value) => {
      kept.delete(id);
      kept.set(id, { value, atMs: nowMs() });
      forget();
    },
  };
};
