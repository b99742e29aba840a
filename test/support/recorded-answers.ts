import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { HttpSource } from '../../src/adapters/http/client.ts';
import {
  type Exchange,
  exchangeSchema,
  type Question,
  questionText,
  recordingSource,
  replayedSource,
} from '../../src/adapters/http/recording.ts';
import { readSloFiles } from '../../src/adapters/slo/read-files.ts';
import { isFurtherRound } from '../../src/adapters/traces/further-round.ts';
import { offlineSetting } from '../../src/answer.ts';
import { ask } from '../../src/ask.ts';
import type { Reply } from '../../src/asking.ts';
import type { PictureSpec } from '../../src/domain/message.ts';
import type { ObjectiveWorld } from '../../src/read-objectives.ts';
import { type RecordedCluster, sourceNames, wholeCluster } from '../../src/recording/shape.ts';
import { type ClusterHttp, clusterOver, uncounted } from '../../src/sources.ts';

/** What a person asked in Slack of one cluster, the moment, and every question to a back end with its answer. */
type AskedRecording = {
  readonly question: string;
  readonly atMs: number;
  readonly cluster: RecordedCluster;
  /** The file that defines its objectives, where it reads any. */
  readonly objectives?: string;
  readonly exchanges: readonly Exchange[];
};

/** An answer as Slack gets it; of a picture what would be drawn. */
export type Replied = Pick<Reply, 'message' | 'ending'> & { readonly pictures: readonly PictureSpec[] };

const exchangesFile = 'exchanges.json.gz';
const slosFile = 'slos.yaml';

/** Writes it: the question to read, and the exchanges packed. */
export const writeAsked = (folder: string, { exchanges, objectives, ...asked }: AskedRecording): void => {
  if (objectives !== undefined) writeFileSync(join(folder, slosFile), objectives);
  writeFileSync(join(folder, 'question.json'), `${JSON.stringify(asked, null, 2)}\n`);
  writeFileSync(join(folder, exchangesFile), gzipSync(JSON.stringify(exchanges), { level: 9 }));
};

/** Reads what `writeAsked` wrote. */
export const readAsked = (folder: string): AskedRecording => ({
  ...(JSON.parse(readFileSync(join(folder, 'question.json'), 'utf8')) as Omit<AskedRecording, 'exchanges'>),
  ...(existsSync(join(folder, slosFile)) ? { objectives: readFileSync(join(folder, slosFile), 'utf8') } : {}),
  exchanges: exchangeSchema.array().parse(JSON.parse(gunzipSync(readFileSync(join(folder, exchangesFile))).toString('utf8'))),
});

/** What a file of objectives defines, as a bot reads it that has kept nothing yet. */
export const objectivesIn = (text: string, { name, mesh }: Pick<RecordedCluster, 'name' | 'mesh'>): ObjectiveWorld => {
  const { slos, refused } = readSloFiles([{ file: slosFile, text }], { slothPeriodDays: 30, meshOf: () => mesh });
  if (refused.length > 0) throw new Error(JSON.stringify(refused));
  return { home: name, slos, days: { known: async () => [], keep: async () => undefined } };
};

const answerOver = async (
  { question, atMs, cluster, objectives }: Omit<AskedRecording, 'exchanges'>,
  http: ClusterHttp,
): Promise<Replied> => {
  const pictures: PictureSpec[] = [];
  const clock = { nowMs: () => atMs, sleep: async (): Promise<void> => undefined };
  const draw = async (spec: PictureSpec) => {
    pictures.push(spec);
    const { name, widthPx, heightPx, altText } = spec;
    return { name, png: new Uint8Array([1]), widthPx, heightPx, altText };
  };
  const { message, ending } = await ask(
    {
      clusters: [clusterOver(wholeCluster(cluster), http, { clock, ...uncounted })],
      clock,
      charts: { draw, close: async () => undefined },
      settingOf: () => offlineSetting,
      ...(objectives === undefined ? {} : { objectives: objectivesIn(objectives, cluster) }),
    },
    question,
  );
  return { message, ending, pictures };
};

/** Asks back ends that are there, and keeps every exchange. */
export const recordAnswer = async (
  asked: Omit<AskedRecording, 'exchanges'>,
  http: ClusterHttp,
): Promise<{ readonly recording: AskedRecording; readonly replied: Replied }> => {
  const exchanges: Exchange[] = [];
  const names = sourceNames(wholeCluster(asked.cluster));
  const kept = (name: string, source: HttpSource): HttpSource =>
    recordingSource({ ...source, name }, (exchange) => exchanges.push(exchange));
  const replied = await answerOver(asked, {
    metrics: kept(names.metrics, http.metrics),
    rules: kept(names.rules, http.rules),
    traces: names.traces === null || http.traces === null ? null : kept(names.traces, http.traces),
  });
  return { recording: { ...asked, exchanges }, replied };
};

/** The same question answered from the recording; `missing`: what is asked now and was not asked then. */
export const replayAnswer = async (
  recording: AskedRecording,
): Promise<{ readonly replied: Replied; readonly missing: readonly string[] }> => {
  const { exchanges, cluster } = recording;
  const missing: string[] = [];
  const names = sourceNames(wholeCluster(cluster));
  const hear = (asked: Question): void => void missing.push(questionText(asked));
  // A store that cannot sort is asked again for worse calls while there is time, and a replay has more of it.
  const hearTraces = (asked: Question): void => (isFurtherRound(asked, exchanges) ? undefined : hear(asked));
  const replied = await answerOver(recording, {
    metrics: replayedSource(names.metrics, exchanges, hear),
    rules: replayedSource(names.rules, exchanges, hear),
    traces: names.traces === null ? null : replayedSource(names.traces, exchanges, hearTraces),
  });
  return { replied, missing };
};
