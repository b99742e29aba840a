/**
 * Records test/scenarios/commands from the demo's mesh in a real Prometheus: `node .ci/record-answers.ts [name …]`. Each folder holds what
 * was asked in Slack, every question to a back end with its answer, and the message that came of it; the test replays the exchanges.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpSource } from '../src/adapters/http/client.ts';
import { freePort, startEngine } from '../src/demo/engine-process.ts';
import { istioSpelling, type Spelling } from '../src/demo/mesh/expose.ts';
import { scenarios } from '../src/demo/mesh/faults.ts';
import { engine, makePast } from '../src/demo/stack.ts';
import { serveTraces } from '../src/demo/traces/server.ts';
import { startTraceBox } from '../src/demo/traces/store.ts';
import { traced } from '../src/demo/traces/trace.ts';
import { recordAnswer, replayAnswer, writeAsked } from '../test/support/recorded-answers.ts';
import { seededPast, shopSlos } from './slo-past.ts';
import { linkerdSpelling, podSpelling, profileSpelling } from './spellings.ts';

/** What of the demo's mesh is there, and what Prometheus may do. */
type Stand = {
  readonly mesh: 'istio' | 'linkerd';
  readonly fault: string | null;
  /** None: a Prometheus that scrapes nothing. */
  readonly spellings: readonly Spelling[];
  readonly flags: readonly string[];
  /** The file of its objectives, and what it is asked of instead of the demo's mesh: eight days of one service. */
  readonly objectives?: string;
};

const shop: Stand = { mesh: 'istio', fault: 'connection-refused', spellings: [istioSpelling], flags: [] };

const stands = {
  shop,
  linkerd: { ...shop, mesh: 'linkerd', fault: 'app-errors', spellings: [linkerdSpelling, profileSpelling] },
  /** A bad version, in a mesh whose scrape names pods. */
  canary: { ...shop, fault: 'bad-version', spellings: [podSpelling] },
  /** Reads requests, and refuses to read as much as latency takes (prometheus.io/docs, "--query.max-samples"). */
  narrow: { ...shop, flags: ['--query.max-samples=1500'] },
  empty: { ...shop, fault: null, spellings: [] },
  week: { ...shop, objectives: shopSlos },
  /** The same, and nobody has defined an objective. */
  aimless: { ...shop, objectives: '# none yet\n' },
} as const satisfies Readonly<Record<string, Stand>>;

type Asked = { readonly of: keyof typeof stands; readonly words: string };

const answers: Readonly<Record<string, Asked>> = {
  stat: { of: 'shop', words: 'stat payments' },
  'stat-everything': { of: 'shop', words: 'stat' },
  'stat-linkerd': { of: 'linkerd', words: 'stat inventory' },
  'stat-without-latency': { of: 'narrow', words: 'stat' },
  'stat-of-nothing': { of: 'empty', words: 'stat payments' },
  'stat-did-you-mean': { of: 'shop', words: 'stat paymets' },
  top: { of: 'shop', words: 'top' },
  flags: { of: 'shop', words: 'flags payments' },
  edges: { of: 'shop', words: 'edges payments' },
  'edges-linkerd': { of: 'linkerd', words: 'edges inventory' },
  'routes-without-labels': { of: 'shop', words: 'routes payments' },
  'routes-linkerd': { of: 'linkerd', words: 'routes inventory' },
  versions: { of: 'canary', words: 'versions payments' },
  'versions-linkerd': { of: 'linkerd', words: 'versions payments' },
  pods: { of: 'canary', words: 'pods checkout → payments' },
  'pods-without-labels': { of: 'shop', words: 'pods payments' },
  diff: { of: 'shop', words: 'diff payments now..-1h' },
  graph: { of: 'shop', words: 'graph payments' },
  'graph-without-latency': { of: 'narrow', words: 'graph payments' },
  why: { of: 'shop', words: 'why checkout → payments' },
  'why-turned-around': { of: 'shop', words: 'why payments → checkout' },
  slo: { of: 'week', words: 'slo' },
  'slo-of-service': { of: 'week', words: 'slo payments' },
  'slo-named': { of: 'week', words: 'slo payments-availability' },
  'slo-did-you-mean': { of: 'week', words: 'slo payments-availabilty' },
  'slo-none': { of: 'aimless', words: 'slo' },
  'trace-worst': { of: 'shop', words: 'trace worst checkout → payments' },
};

/** A fixed moment, so that a new recording differs only by what changed in the program. */
const endMs = Date.parse('2026-11-24T07:15:20Z');
const ageMs = 150_000;
const tracedShare = 0.1;
const quiet = (): void => undefined;

const startOn = async (folder: string, flags: readonly string[]) => {
  const port = await freePort();
  writeFileSync(join(folder, 'prometheus.yaml'), 'scrape_configs: []\n');
  const words = [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--storage.tsdb.retention.time=60d',
    '--log.level=warn',
    ...flags,
  ];
  const url = `http://127.0.0.1:${port}`;
  const { stop } = await startEngine(await engine('prometheus', quiet), words, { readyUrl: `${url}/-/ready` });
  return { url, stop };
};

/** Everything of one stand that is wanted, at one Prometheus. */
const recordAll = async (of: keyof typeof stands, names: readonly string[]): Promise<void> => {
  const { mesh, fault, spellings, flags, objectives }: Stand = stands[of];
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-answers-'));
  const effects = scenarios.find((scenario) => scenario.name === fault)?.effects ?? [];
  const box = startTraceBox();
  for (const spelling of objectives === undefined ? spellings : [])
    await makePast(folder, endMs, {
      fault: { effects, fromMs: endMs - ageMs },
      spelling,
      // Each spelling tells of the same requests; their traces are told once.
      watch: spelling === spellings[0] ? traced(box, tracedShare) : quiet,
    });
  const [running, store] = [
    objectives === undefined ? await startOn(folder, flags) : await seededPast(endMs),
    await serveTraces(box),
  ];
  const [metrics, rules] = ['Prometheus', 'Alert rules'].map((name) => httpSource({ name, url: running.url }));
  const traces = httpSource({ name: 'Zipkin', url: store.url });
  if (!metrics || !rules) throw new Error('no source');
  try {
    for (const name of names) {
      const cluster = { name: 'demo', mesh, traces: { store: 'zipkin' as const, seconds: 8 } };
      const question = answers[name]?.words ?? '';
      const asked = { question, atMs: endMs, cluster, ...(objectives === undefined ? {} : { objectives }) };
      const { recording, replied } = await recordAnswer(asked, { metrics, rules, traces });
      const again = await replayAnswer(recording);
      if (again.missing.length > 0 || JSON.stringify(again.replied) !== JSON.stringify(replied))
        throw new Error(`${name}: the replay says something else, or asks more: ${again.missing.join('; ')}`);
      const out = join('test/scenarios/commands', name);
      mkdirSync(out, { recursive: true });
      writeAsked(out, recording);
      process.stdout.write(`recorded ${name}: ${recording.exchanges.length} exchanges\n`);
    }
  } finally {
    await Promise.all([metrics.close(), rules.close(), traces.close(), running.stop(), store.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
};

const wanted = process.argv.slice(2);
for (const of of Object.keys(stands) as (keyof typeof stands)[]) {
  const names = Object.keys(answers).filter((name) => answers[name]?.of === of && (wanted.length === 0 || wanted.includes(name)));
  if (names.length > 0) await recordAll(of, names);
}
