import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEngine } from '../../../src/demo/engine-process.ts';
import type { Target } from '../lab.ts';
import { labRules, ruleFiles, shippedText } from './rules.ts';

/** A Prometheus of one fault: empty at first, so that it takes a past; then scraping. */
export type LabPrometheus = {
  readonly url: string;
  /** Starts scraping, evaluating and calling Alertmanager. */
  readonly begin: () => Promise<void>;
  /** Resolves once every target was scraped. */
  readonly scraped: (withinMs: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

type LabPrometheusOptions = {
  readonly path: string;
  readonly folder: string;
  readonly port: number;
  /** External label `cluster`: what routes its alerts. */
  readonly cluster: string;
  readonly targets: readonly Target[];
  /** "127.0.0.1:9093"; null: nobody is told. */
  readonly alertmanager: string | null;
  readonly signal: AbortSignal;
};

const scrapeSeconds = 5;

const quoted = (value: string): string => JSON.stringify(value);

/** One static config a target, with the labels that a discovery of pods would attach. */
const jobText = (job: string, targets: readonly Target[]): string =>
  [
    `  - job_name: ${job}`,
    '    static_configs:',
    ...targets.map(({ address, path, labels }) => {
      const attached = Object.entries({ ...labels, __metrics_path__: path }).map(([name, value]) => `${name}: ${quoted(value)}`);
      return `      - { targets: [${quoted(address)}], labels: { ${attached.join(', ')} } }`;
    }),
  ].join('\n');

/** JSON strings are YAML too (yaml.org/spec/1.2.2), so that no label can break out. */
const prometheusConfig = (cluster: string, targets: readonly Target[], alertmanager: string | null): string => {
  const jobs = [...new Set(targets.map(({ job }) => job))];
  return [
    'global:',
    `  scrape_interval: ${scrapeSeconds}s`,
    `  scrape_timeout: ${scrapeSeconds - 1}s`,
    `  evaluation_interval: ${scrapeSeconds}s`,
    `  external_labels: { cluster: ${quoted(cluster)} }`,
    ...(targets.length === 0 ? [] : [`rule_files: [${ruleFiles.map(quoted).join(', ')}]`]),
    ...(alertmanager === null
      ? []
      : [`alerting: { alertmanagers: [{ static_configs: [{ targets: [${quoted(alertmanager)}] }] }] }`]),
    ...(jobs.length === 0 ? ['scrape_configs: []'] : ['scrape_configs:']),
    ...jobs.map((job) =>
      jobText(
        job,
        targets.filter((target) => target.job === job),
      ),
    ),
    '',
  ].join('\n');
};

type TargetsAnswer = { readonly data: { readonly activeTargets: readonly { readonly lastScrape: string }[] } };

const waitForScrapes = async (url: string, count: number, withinMs: number, signal: AbortSignal): Promise<void> => {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = (await (await fetch(`${url}/api/v1/targets?state=active`, { signal })).json()) as TargetsAnswer;
    const scraped = answer.data.activeTargets.filter(({ lastScrape }) => !lastScrape.startsWith('0001-'));
    if (scraped.length >= count) return;
    if (performance.now() > deadlineMs) throw new Error(`Prometheus scraped ${scraped.length} of ${count} targets in time`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

/**
 * One block for the whole past: the head holds all of it, and nothing is compacted while the lab measures. The flags are hidden, and meant
 * for tests (`prometheus --help-long`).
 */
const wholeHead = [
  '--storage.tsdb.min-block-duration=30d',
  '--storage.tsdb.max-block-duration=30d',
  '--storage.tsdb.retention.time=60d',
];

/** On the loopback address of the mesh, where no other program is at home. */
const hostOf = ([first]: readonly Target[]): string => first?.address.replace(/:\d+$/, '') ?? '127.0.0.1';

/** Starts an empty Prometheus. */
export const startLabPrometheus = async (options: LabPrometheusOptions): Promise<LabPrometheus> => {
  const { path, folder, port, cluster, targets, alertmanager, signal } = options;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'prometheus.yaml');
  writeFileSync(file, prometheusConfig(cluster, [], null));
  for (const name of ruleFiles) writeFileSync(join(folder, name), labRules(shippedText(name)));
  const listen = `${hostOf(targets)}:${port}`;
  const url = `http://${listen}`;
  const running = await startEngine(
    path,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listen}`,
      '--web.enable-remote-write-receiver',
      '--web.enable-lifecycle',
      '--log.level=warn',
      ...wholeHead,
    ],
    { name: 'prometheus', readyUrl: `${url}/-/ready`, signal, graceMs: 3000 },
  );
  const begin = async (): Promise<void> => {
    writeFileSync(file, prometheusConfig(cluster, targets, alertmanager));
    const answer = await fetch(`${url}/-/reload`, { method: 'POST', signal });
    if (!answer.ok) throw new Error(`Prometheus refused its configuration: ${(await answer.text()).slice(0, 500)}`);
  };
  return {
    url,
    begin,
    scraped: (withinMs) => waitForScrapes(url, targets.length, withinMs, signal),
    stop: running.stop,
  };
};

/** The version of a program of the Prometheus family: "2.42.0", or "unknown". */
export const versionOf = async (path: string): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)(path, ['--version']).catch(() => ({ stdout: '', stderr: '' }));
  return /version (\d+\.\d+\.\d+)/.exec(`${stdout}${stderr}`)?.[1] ?? 'unknown';
};

/** Prometheus 3 writes `le="50"` as `le="50.0"`; 2 keeps what was exposed (prometheus.io/docs, "Prometheus 3.0 migration guide"). */
export const keepsWholeBounds = (version: string): boolean => version.startsWith('2.');
