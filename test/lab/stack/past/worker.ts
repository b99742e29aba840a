import { parentPort, workerData } from 'node:worker_threads';
import type { Measured } from './measured.ts';
import { pastMoments } from './moments.ts';
import { type Naming, sendPast } from './send.ts';
import { writePast } from './write.ts';

/** What the worker is given. */
export type PastOrder = {
  readonly measured: Measured;
  readonly endMs: number;
  readonly loadPerSecond: number;
  readonly seed: number;
  readonly url: string;
  readonly naming: Naming;
};

const { measured, endMs, loadPerSecond, seed, url, naming } = workerData as PastOrder;
const past = writePast(measured, pastMoments(endMs, loadPerSecond), seed);
parentPort?.postMessage({ end: past.end });
await sendPast(url, past, naming, new AbortController().signal);
parentPort?.postMessage({ sent: true });
