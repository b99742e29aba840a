import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { calls } from '../src/demo/mesh/topology.ts';
import { startWorkspace } from '../src/workspace/workspace.ts';
import { postgresMissing, startPostgres } from '../test/support/postgres.ts';
import { delivery } from './support/alerts.ts';
import { type Served, serve } from './support/serve.ts';
import { type Figure, median, type Options, type Program, table } from './support/table.ts';

const defaultDeliveries = 3000;
const atOnce = 4;
const starts = 3;
const readyAimSeconds = 3;
const settleWithinMs = 20_000;

/** Alerts that fire and resolve, in turn over the edges of the mesh. */
const bodyOf = (number: number, startsAtMs: number): string => {
  const pair = Math.floor(number / 2);
  const call = calls[pair % calls.length];
  if (!call) throw new Error('a mesh without calls');
  return delivery(call, 'edge', startsAtMs, pair + 1, number % 2 === 0 ? 'firing' : 'resolved');
};

type Soak = {
  readonly startMiB: number;
  readonly marksMiB: readonly number[];
  readonly peakMiB: number;
  readonly endMiB: number;
};

/** Until the bot has worked what it took, or 20 s are over. */
const settle = async (served: Served): Promise<void> => {
  const deadlineMs = performance.now() + settleWithinMs;
  while (performance.now() < deadlineMs && (await served.metric('edgewise_queue_deliveries')) > 0) await wait(1000);
};

const soak = async (served: Served, count: number): Promise<Soak> => {
  const startMiB = served.residentMiB();
  const startsAtMs = Date.now() - 30_000;
  const marksMiB: number[] = [];
  let next = 0;
  const send = async (): Promise<void> => {
    while (next < count) {
      const number = next;
      next += 1;
      await served.deliver(bodyOf(number, startsAtMs));
      if ((number + 1) % Math.ceil(count / 6) === 0) marksMiB.push(served.residentMiB());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, send));
  await settle(served);
  return { startMiB, marksMiB, peakMiB: served.peakMiB(), endMiB: served.residentMiB() };
};

type Measured = Soak & { readonly store: string; readonly emptySeconds: number; readonly restartSeconds: number };

/** Seconds from process start to ready, the median; `again` on the data directory that an earlier start filled. */
const startsOn = async (settings: Readonly<Record<string, string>>, again: boolean): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-bench-data-'));
  const ready: number[] = [];
  try {
    for (let start = 0; start < starts + (again ? 1 : 0); start += 1) {
      const served = await serve({ ...settings, DATA_DIR: join(folder, again ? 'same' : String(start)) });
      if (!again || start > 0) ready.push(served.readySeconds);
      await served.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return median(ready);
};

const onStore = async (store: string, more: Readonly<Record<string, string>>, options: Options): Promise<Measured> => {
  const { url } = await options.lab();
  const count = options.number('deliveries', defaultDeliveries);
  const workspace = await startWorkspace({ channels: ['#mesh-alerts'] });
  const slack = { SLACK_API_URL: workspace.apiUrl, SLACK_BOT_TOKEN: workspace.botToken, SLACK_APP_TOKEN: workspace.appToken };
  const settings = { PROMETHEUS_URL: url, ...slack, ...more };
  try {
    const [emptySeconds, restartSeconds] = [await startsOn(settings, false), await startsOn(settings, true)];
    const served = await serve(settings);
    options.say(`memory: ${count} deliveries on ${store}`);
    try {
      return { ...(await soak(served, count)), store, emptySeconds, restartSeconds };
    } finally {
      await served.stop();
    }
  } finally {
    await workspace.close();
  }
};

const figuresOf = (
  { store, startMiB, peakMiB, endMiB, emptySeconds, restartSeconds }: Measured,
  aimMiB: number,
): readonly Figure[] => [
  {
    what: `${store}: resident memory at start / peak / end`,
    seen: `${startMiB.toFixed(0)} / ${peakMiB.toFixed(0)} / ${endMiB.toFixed(0)} MiB`,
    aim: `peak < ${aimMiB} MiB`,
    isMet: peakMiB < aimMiB,
  },
  {
    what: `${store}: process start to ready, the very first time / again, medians of ${starts}`,
    seen: `${emptySeconds.toFixed(2)} / ${restartSeconds.toFixed(2)} s`,
    aim: `< ${readyAimSeconds} s`,
    isMet: Math.max(emptySeconds, restartSeconds) < readyAimSeconds,
  },
];

const marks = (measured: readonly Measured[]): string =>
  table(
    ['resident MiB after', '1/6', '2/6', '3/6', '4/6', '5/6', 'all sent'],
    measured.map(({ store, marksMiB }) => [store, ...Array.from({ length: 6 }, (_, index) => marksMiB[index]?.toFixed(0) ?? '')]),
  );

export const memory: Program = {
  name: 'memory',
  says: 'resident memory of `edgewise serve` over a soak of alerts that fire and resolve (`--deliveries 60000` for the long one), and cold start',
  run: async (options) => {
    const embedded = await onStore('embedded store', {}, options);
    if (postgresMissing !== null)
      return { figures: figuresOf(embedded, 512), notes: [marks([embedded]), `PostgreSQL: ${postgresMissing}`] };
    const postgres = await startPostgres();
    try {
      const second = await onStore('PostgreSQL', { DATABASE_URL: postgres.url }, options);
      return { figures: [...figuresOf(embedded, 512), ...figuresOf(second, 300)], notes: [marks([embedded, second])] };
    } finally {
      await postgres.stop();
    }
  },
};
