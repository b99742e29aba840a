import { readdirSync } from 'node:fs';
import { systemClock } from '../adapters/system/clock.ts';
import type { ClusterConfig, Config } from '../config.ts';
import { readQuestion } from '../domain/question-text.ts';
import { recordingFile, writeRecording } from '../recording/folder.ts';
import { withoutSecrets } from '../recording/secrets.ts';
import { type Asked, type RecordedCluster, type Recording, RecordingError } from '../recording/shape.ts';
import { type Recorded, recordRun, replayRecording } from '../replay.ts';
import { clusterOfAlert, openHttp, traceShapeOf } from '../sources.ts';
import { openFolder, readBody, readMoment, readNamed } from './inputs.ts';
import { withReport, writeTexts } from './output.ts';
import { pseudonymText, withPseudonyms } from './pseudonyms.ts';
import { print, UsageError } from './usage.ts';

export type RecordOptions = {
  readonly at?: string;
  readonly out: string;
  readonly pseudonyms?: boolean;
  readonly alert?: string;
  readonly why?: string;
};

type Body = { readonly alerts: readonly unknown[] };

/** The body with the alert that `--alert` counts from 1, or with all of them. */
const chosenBody = (text: string, alert: string | undefined): Body => {
  const { alerts } = readBody(text);
  const body = JSON.parse(text) as Body;
  if (alert === undefined) return body;
  const index = /^\d{1,6}$/.test(alert) ? Number(alert) - 1 : -1;
  if (index < 0 || index >= alerts.length)
    throw new UsageError(`--alert ${alert}: the body holds ${alerts.length} alerts, counted from 1`);
  return { ...body, alerts: [body.alerts[index]] };
};

/** The body of a webhook, or in its place a question about an edge. */
const askedOf = (file: string | undefined, { why, alert }: RecordOptions): Asked => {
  if (why === undefined && file !== undefined) return { delivery: chosenBody(readNamed(file), alert) };
  if (why === undefined || file !== undefined || alert !== undefined)
    throw new UsageError('give a webhook body (- for standard input), or --why "checkout payments" in its place');
  return { question: `why ${why}` };
};

/** The cluster that is asked: the one that the question names, or the only one. */
const clusterAsked = ({ clusters }: Config, text: string): ClusterConfig => {
  const question = readQuestion(text);
  if (question.kind !== 'why')
    throw new UsageError(
      question.kind === 'unclear' ? question.lines.join(' ') : '--why takes an edge, such as "checkout payments"',
    );
  const { cluster } = question.options;
  const names = clusters.map(({ name }) => name).join(', ');
  const found = cluster === null && clusters.length === 1 ? clusters[0] : clusters.find(({ name }) => name === cluster);
  if (found !== undefined) return found;
  throw new UsageError(
    cluster === null
      ? `several clusters are configured (${names}): name one, as in --why "checkout payments --cluster ${clusters[0]?.name}"`
      : `the cluster ${cluster} is not configured; there are: ${names}`,
  );
};

/** The one cluster that the alerts are about: a recording is of one. */
const clusterTold = (config: Config, body: Body): ClusterConfig => {
  const named = clusterOfAlert(
    config,
    config.clusters.map((cluster) => ({ match: cluster.match, cluster })),
  );
  const names = [...new Set(readBody(JSON.stringify(body)).alerts.map(named))];
  if (names.length > 1)
    throw new UsageError(`the body is about several clusters (${names.join(', ')}): pick one of its alerts with --alert N`);
  const found = config.clusters.find(({ name }) => name === names[0]);
  if (found === undefined) throw new UsageError(`the alert names the cluster ${names[0]}, which is not configured`);
  return found;
};

const recordedCluster = (config: Config, cluster: ClusterConfig): RecordedCluster => {
  const { name, mesh, renames, pinned } = cluster;
  return {
    name,
    mesh,
    isOneOfSeveral: config.clusters.length > 1,
    querySeconds: config.querySeconds,
    renames: { metrics: { ...renames.metrics }, labels: { ...renames.labels } },
    pinned: pinned.map((matcher) => ({ ...matcher })),
    traces: traceShapeOf(config, cluster),
  };
};

const tenantsOf = ({ clusters }: Config): readonly string[] =>
  clusters.flatMap(({ prometheus, rules, alertmanager, traces }) =>
    [prometheus, rules, alertmanager, traces?.source].flatMap((source) => (source?.tenant === undefined ? [] : [source.tenant])),
  );

const clusterOf = (config: Config, { delivery, question }: Asked): ClusterConfig => {
  if (config.clusters.length === 0) throw new UsageError('no cluster is configured: set PROMETHEUS_URL');
  return question === undefined ? clusterTold(config, delivery as Body) : clusterAsked(config, question);
};

const record = async (config: Config, asked: Asked, atMs: number): Promise<Recorded> => {
  const cluster = clusterOf(config, asked);
  const http = openHttp(config, cluster);
  try {
    const recorded = await recordRun(asked, recordedCluster(config, cluster), http, atMs);
    return { ...recorded, recording: withoutSecrets(recorded.recording, config.secrets, tenantsOf(config)) };
  } finally {
    await http.close();
  }
};

const sizeText = (characters: number): string =>
  characters < 100_000 ? `${Math.ceil(characters / 1000)} kB` : `${(characters / 1_000_000).toFixed(1)} MB`;

const inClear = (folder: string): string =>
  [
    'In it, in clear: names of workloads, namespaces, services, pods and operations, labels and annotations of alerts, all alert rules. Look for what may not',
    `leave the house (zcat ${folder}/${recordingFile} | less), or record again with --pseudonyms.`,
  ].join('\n');

/** What was written, and what to look at before it is given away. */
const words = ({ cluster, exchanges, delivery, question }: Recording, folder: string, names: string): string => {
  const failed = exchanges.filter((exchange) => 'failure' in exchange || exchange.status >= 400).length;
  const size = exchanges.reduce((sum, exchange) => sum + ('body' in exchange ? exchange.body.length : 0), 0);
  const count = question === undefined ? (delivery as Body).alerts.length : 0;
  const what = question !== undefined ? `“${question}”` : count === 1 ? 'one alert' : `${count} alerts`;
  return [
    `${folder} holds ${what} and ${exchanges.length} questions to the sources of ${cluster.name} with their answers (${sizeText(size)}${failed > 0 ? `; ${failed} of them failed` : ''}).`,
    `  ${recordingFile}: ${question === undefined ? 'the webhook body' : 'the question'}, the moment, each question and its answer; the alert rules with their alerts`,
    '  report.json, slack.json: what Edgewise made of it',
    'Not in it: tokens, passwords, certificates, addresses of your sources, headers of requests and answers.',
    names,
    `Replay it: edgewise triage --replay ${folder}`,
  ].join('\n');
};

const written = /^(evidence|report|slack|golden-signals)(-\d+)?\.(json|png)$/;

/** What an earlier run left in the folder, and this one would leave there too: its names are in clear. */
const refuseLeftovers = (folder: string, answers: number): void => {
  const left = readdirSync(folder).filter((name) => {
    const [, what, number = '-1'] = written.exec(name) ?? [];
    if (what === undefined) return false;
    return (what !== 'report' && what !== 'slack') || Number(number.slice(1)) > answers;
  });
  if (left.length > 0)
    throw new UsageError(
      `no recording was written: ${folder} holds ${left.sort().join(', ')} from before, with names in clear. Give another folder.`,
    );
};

const inWords = async <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw error instanceof RecordingError ? new UsageError(error.message) : error;
  });

const differs =
  'The replay says something else than this run did: a source answered too late, or differently when asked twice. It may still show what is wrong.';

/** `edgewise record` */
export const recordCommand = async (config: Config, file: string | undefined, options: RecordOptions): Promise<void> => {
  const atMs = readMoment(options.at) ?? systemClock.nowMs();
  const asked = askedOf(file, options);
  const folder = openFolder(options.out);
  const recorded = await inWords(record(config, asked, atMs));
  const answers = await inWords(replayRecording(recorded.recording));
  const messages = (some: typeof answers): string => JSON.stringify(some.map(({ message }) => message));
  const made = options.pseudonyms ? await withPseudonyms(recorded.recording, answers) : { ...recorded, answers };
  if (options.pseudonyms) refuseLeftovers(folder, made.answers.length);
  await inWords((async () => writeRecording(folder, made.recording))());
  for (const [index, answer] of made.answers.entries()) writeTexts(folder, withReport(answer), index);
  print(words(made.recording, folder, 'remains' in made ? pseudonymText(made) : inClear(folder)));
  if (messages(recorded.answers) !== messages(answers)) print(differs);
};
