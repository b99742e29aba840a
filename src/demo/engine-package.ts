import { rename } from 'node:fs/promises';

/** What is unpacked together, under one version. */
export type EnginePackage = 'prometheus' | 'alertmanager';

/** Moves a finished folder to its final name; whoever came first wins, and both are the same. */
export const settle = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
};
