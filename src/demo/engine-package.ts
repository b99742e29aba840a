import { rename } from 'node:fs/promises';
import type { Log } from '../ports.ts';

/** What is unpacked together, under one version. */
export type EnginePackage = 'prometheus' | 'alertmanager';

/** Who is told what is being fetched, and what ends a fetch that is under way. */
export type FetchOptions = { readonly log: Log; readonly signal?: AbortSignal | undefined };

/** Moves a finished folder to its final name; whoever came first wins, and both are the same. */
export const settle = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
};
