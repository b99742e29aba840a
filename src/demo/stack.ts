import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../ports.ts';
import { freePort, startEngine } from './engine-process.ts';
import { run } from './engine-run.ts';
import { type EngineName, findEngine } from './engines.ts';
import { istioSpelling, type Spelling } from './mesh/expose.ts';
import type { Effect } from './mesh/faults.ts';
import { historyMoments, incidentMoments, type Moment, writeHistory } from './mesh/history.ts';
import { type Mesh, startMesh, type Watch } from './mesh/simulate.ts';

/** A program that cannot be had, in words for the person at the terminal. */
export class EngineMissing extends Error {}

/** The path of a real program, or `EngineMissing`. */
export const engine = async (name: EngineName, log: Log, signal?: AbortSignal): Promise<string> => {
  const found = await findEngine(name, { log, signal });
  if ('missing' in found) throw new EngineMissing(found.missing);
  return found.path;
};

const historyDays = 8;
const scrapeMs = 5000;
/** So much of the past is told request by request: what is normal shows in traces too. */
const singlyMs = 15 * 60_000;

/** A fault that is part of the past, for recordings: what becomes of it later may be part of them too. */
type PastFault = {
  readonly effects: readonly Effect[];
  readonly fromMs: number;
  /** Whether it is there, at moments since `fromMs`; absent: at all of them. */
  readonly isThere?: (atMs: number) => boolean;
  /** How far it is told; absent: to the end of the past. */
  readonly untilMs?: number;
};

type Writing = {
  readonly fault?: PastFault | null;
  /** A fault that is long over: what spent the budget of an objective. */
  readonly bygone?: Required<Pick<PastFault, 'effects' | 'fromMs' | 'untilMs'>>;
  readonly spelling?: Spelling;
  readonly log?: Log;
  readonly signal?: AbortSignal | undefined;
};

/** Lets the mesh go through the moments, and puts what it counted there into blocks of a Prometheus directory. */
const writeBlocks = async (
  folder: string,
  mesh: Mesh,
  moments: readonly Moment[],
  { fault = null, bygone, spelling = istioSpelling, log = () => undefined, signal }: Writing,
): Promise<void> => {
  const promtool = await engine('promtool', log, signal);
  const file = join(folder, 'history.om');
  const effectsAt = (atMs: number): readonly Effect[] => {
    signal?.throwIfAborted();
    if (bygone !== undefined && atMs > bygone.fromMs && atMs <= bygone.untilMs) return bygone.effects;
    return fault !== null && atMs > fault.fromMs && (fault.isThere?.(atMs) ?? true) ? fault.effects : [];
  };
  await writeHistory(file, moments, mesh, effectsAt, spelling);
  const blocks = ['tsdb', 'create-blocks-from', '--quiet', '--max-block-duration=162h', 'openmetrics'];
  const made = await run(promtool, [...blocks, file, join(folder, 'prometheus')], {
    signal,
    // promtool leaves its own temporary folder behind when it is ended.
    environment: { TMPDIR: folder },
  });
  rmSync(file, { force: true });
  if (!made.ok) throw new Error(`promtool could not write the past: ${made.text}`);
};

type Past = Writing & {
  /** Hears of each request of the last minutes, and of all that come. */
  readonly watch?: Watch;
  /** How far apart the moments of the past are that nobody looks at closely. */
  readonly coarselyMs?: number;
};

/** Makes a Prometheus directory with the mesh's past up to `endMs`, and gives the mesh that goes on from there. */
export const makePast = async (folder: string, endMs: number, { watch, coarselyMs, ...writing }: Past = {}): Promise<Mesh> => {
  const { fault = null } = writing;
  const quiet = historyMoments(endMs, historyDays, coarselyMs);
  const moments =
    fault === null
      ? quiet
      : [...quiet.filter(({ atMs }) => atMs < fault.fromMs), ...incidentMoments(fault.fromMs, fault.untilMs ?? endMs)];
  const mesh = startMesh((moments[0]?.atMs ?? endMs) - 60_000, { singlyFromMs: endMs - singlyMs, watch });
  await writeBlocks(folder, mesh, moments, writing);
  return mesh;
};

/**
 * Writes what has passed since the past was made, at the pace of scrapes: what was started meanwhile took its time, and `rate` would make
 * a dip in the traffic of a longer gap (prometheus.io/docs, "rate()").
 */
export const fillIn = async (folder: string, mesh: Mesh, fromMs: number, signal?: AbortSignal): Promise<void> => {
  const moments = incidentMoments(fromMs + scrapeMs, Date.now());
  if (moments.length > 0) await writeBlocks(folder, mesh, moments, { signal });
};

/** The shipped rules at the pace of a demo: shorter windows and waits, the same expressions. */
export const demoRules = (text: string): string =>
  text
    .replace(/\[(2|5)m\]/g, '[1m]')
    .replace(/for: \dm/g, 'for: 30s')
    .replace(/interval: \w+/g, 'interval: 5s');

type Running = { readonly url: string; readonly stop: () => Promise<void> };

type PrometheusOptions = {
  readonly folder: string;
  readonly target: string | null;
  readonly alertmanager: string | null;
  readonly rules: string | null;
  readonly log: Log;
  readonly signal?: AbortSignal;
};

/** A real Prometheus on the past that `makePast` wrote. */
export const startPrometheus = async ({
  folder,
  target,
  alertmanager,
  rules,
  log,
  signal,
}: PrometheusOptions): Promise<Running> => {
  const port = await freePort();
  if (rules !== null) writeFileSync(join(folder, 'rules.yaml'), rules);
  const config = [
    'global: {scrape_interval: 5s, evaluation_interval: 5s}',
    ...(rules === null ? [] : ['rule_files: [rules.yaml]']),
    ...(alertmanager === null ? [] : [`alerting: {alertmanagers: [{static_configs: [{targets: ['${alertmanager}']}]}]}`]),
    'scrape_configs:',
    ...(target === null
      ? ['  []']
      : [`  - {job_name: envoy-stats, honor_labels: true, static_configs: [{targets: ['${target}']}]}`]),
  ];
  // The past has neither job nor instance; the live counters must be the same series.
  const relabel = target === null ? [] : ['    metric_relabel_configs: [{action: labeldrop, regex: "job|instance"}]'];
  const text =
    target === null
      ? config.join('\n')
      : `${config.slice(0, -1).join('\n')}\n  - job_name: envoy-stats\n    honor_labels: true\n    static_configs: [{targets: ['${target}']}]\n${relabel.join('\n')}\n`;
  writeFileSync(join(folder, 'prometheus.yaml'), text);
  const args = [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--storage.tsdb.retention.time=60d',
    '--log.level=warn',
  ];
  const readyUrl = `http://127.0.0.1:${port}/-/ready`;
  const running = await startEngine(await engine('prometheus', log, signal), args, { name: 'prometheus', readyUrl, log, signal });
  return { url: `http://127.0.0.1:${port}`, stop: running.stop };
};

/** A real Alertmanager that calls the bot, grouped as manifests/alertmanager says, at the pace of a demo. */
export const startAlertmanager = async (
  folder: string,
  webhook: string,
  token: string,
  log: Log,
  signal?: AbortSignal,
): Promise<Running & { readonly address: string }> => {
  const port = await freePort();
  const config = `route:
  receiver: edgewise
  group_by: [alertname, cluster, source_workload, source_workload_namespace, destination_service_name, destination_service_namespace]
  group_wait: 1s
  group_interval: 5s
  repeat_interval: 1h
receivers:
  - name: edgewise
    webhook_configs:
      - url: ${webhook}
        send_resolved: true
        http_config: {authorization: {credentials: ${token}}}
`;
  writeFileSync(join(folder, 'alertmanager.yaml'), config);
  const args = [
    `--config.file=${join(folder, 'alertmanager.yaml')}`,
    `--storage.path=${join(folder, 'alertmanager')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ];
  const running = await startEngine(await engine('alertmanager', log, signal), args, {
    name: 'alertmanager',
    readyUrl: `http://127.0.0.1:${port}/-/ready`,
    log,
    signal,
  });
  return { url: `http://127.0.0.1:${port}`, address: `127.0.0.1:${port}`, stop: running.stop };
};

export const shippedRules = (): string =>
  readFileSync(new URL('../../manifests/prometheus/mesh-rules.yaml', import.meta.url), 'utf8');
