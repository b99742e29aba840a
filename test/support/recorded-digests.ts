import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Digest, type DigestLine, digestOf } from '../../src/domain/digest.ts';
import type { SloReading } from '../../src/domain/slo/reading.ts';
import { type PastIncident, spendersOf } from '../../src/domain/slo/spenders.ts';
import { standingOf } from '../../src/domain/slo/standing.ts';

/** What was read of every objective at one moment, and what the channel knew before. */
export type RecordedDigest = Pick<Digest, 'atMs' | 'lastAtMs' | 'rhythm'> & {
  readonly memory: readonly NonNullable<DigestLine['before']>[];
  readonly incidents: readonly PastIncident[];
  readonly readings: readonly SloReading[];
};

const readingsFile = 'readings.json.gz';

/** What a digest remembers of these readings. */
export const memoryOf = (readings: readonly SloReading[]): RecordedDigest['memory'] =>
  readings.map((reading) => {
    const { state, left } = standingOf(reading);
    return { name: reading.slo.name, state, left };
  });

/** Writes it: what was known to read, and the readings packed. */
export const writeDigest = (folder: string, { readings, ...known }: RecordedDigest): void => {
  const rows = readings.map((reading) => ({ ...reading, burnt: [...reading.burnt] }));
  writeFileSync(join(folder, 'known.json'), `${JSON.stringify(known, null, 2)}\n`);
  writeFileSync(join(folder, readingsFile), gzipSync(JSON.stringify(rows), { level: 9 }));
};

type Row = Omit<SloReading, 'burnt'> & { readonly burnt: readonly (readonly [never, never])[] };

/** Reads what `writeDigest` wrote. */
export const readDigest = (folder: string): RecordedDigest => {
  const rows = JSON.parse(gunzipSync(readFileSync(join(folder, readingsFile))).toString('utf8')) as readonly Row[];
  return {
    ...(JSON.parse(readFileSync(join(folder, 'known.json'), 'utf8')) as Omit<RecordedDigest, 'readings'>),
    readings: rows.map((row) => ({ ...row, burnt: new Map(row.burnt) })),
  };
};

/** The digest of what is recorded. */
export const digestIn = ({ readings, memory, incidents, ...told }: RecordedDigest): Digest =>
  digestOf(
    told,
    readings.map((reading) => ({ reading, standing: standingOf(reading), spenders: spendersOf(reading, incidents) })),
    memory,
  );
