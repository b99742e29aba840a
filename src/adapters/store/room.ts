import { statfsSync } from 'node:fs';
import { SourceError } from '../../domain/gathered.ts';

const megabyte = 1_048_576;

/**
 * Two segments of PostgreSQL's log. When PGlite 0.5.16 cannot make its next one, the statement fails and the one after it never
 * returns, until the engine is given up (engine-thread.ts): so nothing is written, nor read, below this.
 */
const neededForAnything = 32 * megabyte;

/** The largest delivery, its log and the work on what is there already must fit too. */
const neededForMore = 96 * megabyte;

type Room = {
  /** Throws `SourceError` (too-expensive) when nothing more may be accepted. */
  readonly forMore: () => void;
  /** The same, when nothing at all may be done. */
  readonly forAnything: () => void;
};

/** How much is free on the disk of `directory`. Asking takes microseconds. */
export const roomOn = (directory: string): Room => {
  const need = (bytes: number) => (): void => {
    const { bavail, bsize } = statfsSync(directory);
    if (bavail * bsize >= bytes) return;
    throw new SourceError('store', 'too-expensive', `less than ${bytes / megabyte} MB are free on the disk of ${directory}`);
  };
  return { forMore: need(neededForMore), forAnything: need(neededForAnything) };
};
