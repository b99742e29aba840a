import type { Gap } from './gathered.ts';
import type { OutboxMessage } from './incident.ts';
import type { LocalDate } from './local-time.ts';
import type { SloReading } from './slo/reading.ts';
import type { Spender } from './slo/spenders.ts';
import { byUrgency, type SloStanding, type SloState } from './slo/standing.ts';
import type { EpochMs } from './time.ts';

/** What a digest said of an objective, kept until the next one. */
export type DigestMemory = { readonly name: string; readonly state: SloState; readonly left: number | null };

/** What a channel was told on a date. */
export type KeptDigest = { readonly date: LocalDate; readonly atMs: EpochMs; readonly memory: readonly DigestMemory[] };

/** Whether the digest of a date has been told, or a later one. */
export const isTold = (last: Pick<KeptDigest, 'date'> | null, date: LocalDate): boolean => last !== null && last.date >= date;

/** `id` is that of the root of its messages; `subscription` the key of who gets it. */
export type NewDigest = KeptDigest & {
  readonly id: string;
  readonly workspace: string;
  readonly subscription: string;
  readonly channel: string;
  readonly messages: readonly OutboxMessage[];
};

/** One objective in a digest. */
export type DigestLine = {
  readonly reading: SloReading;
  readonly standing: SloStanding;
  /** What the last digest of the channel said of it; null: nothing yet. */
  readonly before: DigestMemory | null;
  readonly spenders: readonly Spender[];
};

/** What a channel is told of its objectives at one moment. */
export type Digest = {
  readonly atMs: EpochMs;
  /** When the last one was told; null: this is the first. */
  readonly lastAtMs: EpochMs | null;
  readonly rhythm: 'daily' | 'weekly';
  /** Why there may be objectives that nobody knows of; absent: there are none beside these. */
  readonly gaps?: readonly Gap[];
  /** The worst first. */
  readonly lines: readonly DigestLine[];
};

/** Puts what was read of every objective of a channel together. */
export const digestOf = (
  told: Omit<Digest, 'lines'>,
  lines: readonly Omit<DigestLine, 'before'>[],
  memory: readonly DigestMemory[],
): Digest => ({
  ...told,
  lines: lines
    .map((line) => ({ ...line, before: memory.find(({ name }) => name === line.reading.slo.name) ?? null }))
    .sort(byUrgency),
});

export const linesIn = ({ lines }: Digest, ...states: readonly SloState[]): readonly DigestLine[] =>
  lines.filter(({ standing }) => states.includes(standing.state));

/** Nothing to act on and nothing that is not as it was: one line says it. */
export const isQuiet = ({ lines, lastAtMs }: Digest): boolean =>
  lastAtMs !== null &&
  lines.every(({ standing, before }) => ['healthy', 'no-traffic'].includes(standing.state) && before?.state === standing.state);

/** What is kept of it until the next one. */
export const memoryOf = ({ lines }: Digest): readonly DigestMemory[] =>
  lines.map(({ reading, standing: { state, left } }) => ({ name: reading.slo.name, state, left }));
