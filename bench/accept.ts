import { setTimeout as wait } from 'node:timers/promises';
import { calls } from '../src/demo/mesh/topology.ts';
import { startWorkspace } from '../src/workspace/workspace.ts';
import { postgresMissing, startPostgres } from '../test/support/postgres.ts';
import { delivery, type Naming } from './support/alerts.ts';
import { type Deliver, type Served, serve } from './support/serve.ts';
import { type Figure, ms, type Options, type Program, quantileOf } from './support/table.ts';

const perSecond = 100;
const seconds = 20;
const atOnce = 1000;
const p99AimMs = 50;

/** Every delivery is an alert of its own, on the edges of the mesh in turn. */
const bodies = (count: number, from: number, naming: Naming = 'edge'): readonly string[] => {
  const startsAtMs = Date.now() - 20_000;
  return Array.from({ length: count }, (_, index) => {
    const call = calls[index % calls.length];
    if (!call) throw new Error('a mesh without calls');
    return delivery(call, naming, startsAtMs, from + index);
  });
};

type Answered = { readonly status: number; readonly latencyMs: number };

/** At a fixed pace, whether answers come or not: latency is counted from the moment a delivery was due. */
const paced = async (deliver: Deliver, texts: readonly string[]): Promise<readonly Answered[]> => {
  const startedMs = performance.now();
  return Promise.all(
    texts.map(async (body, index) => {
      const dueMs = startedMs + (index * 1000) / perSecond;
      await wait(Math.max(0, dueMs - performance.now()));
      const status = await deliver(body);
      return { status, latencyMs: performance.now() - dueMs };
    }),
  );
};

const counts = (answers: readonly Answered[]): string => {
  const found = new Map<number, number>();
  for (const { status } of answers) found.set(status, (found.get(status) ?? 0) + 1);
  return [...found].map(([status, count]) => `${count} × ${status === 0 ? 'broken' : status}`).join(', ');
};

const pace = async ({ deliver }: Served, what: string, naming: Naming, from: number): Promise<Figure> => {
  const answers = await paced(deliver, bodies(perSecond * seconds, from, naming));
  const taken = answers.filter(({ status }) => status >= 200 && status < 300).map(({ latencyMs }) => latencyMs);
  const [p50, p95, p99, most] = [0.5, 0.95, 0.99, 1].map((share) => quantileOf(taken, share));
  return {
    what: `${what}, ${perSecond} deliveries/s for ${seconds} s: 2xx latency p50 / p95 / p99 / max`,
    seen: `${[p50, p95, p99, most].map((value) => ms(value ?? Number.NaN)).join(' / ')} (${counts(answers)})`,
    aim: `p99 < ${p99AimMs} ms`,
    isMet: (p99 ?? Number.NaN) < p99AimMs,
  };
};

const measured = async (served: Served, store: string): Promise<readonly Figure[]> => {
  // Sockets and code are warm in a bot that runs.
  await paced(served.deliver, bodies(perSecond, 1));
  // Prometheus shares the cores with us here: what the alerts cost apart from it stands first.
  const apart = await pace(served, `${store}, alerts that ask Prometheus nothing`, 'nothing', 1000);
  const beside = await pace(served, `${store}, alerts that are all triaged`, 'edge', 10_000);
  const burst = bodies(atOnce, 100_000);
  const startedMs = performance.now();
  const flood = await Promise.all(burst.map(async (body) => ({ status: await served.deliver(body), latencyMs: 0 })));
  const totalMs = performance.now() - startedMs;
  return [
    apart,
    beside,
    {
      what: `${store}: ${atOnce} deliveries at once`,
      seen: `${counts(flood)}, in ${(totalMs / 1000).toFixed(2)} s`,
      aim: 'all 2xx',
      isMet: flood.every(({ status }) => status >= 200 && status < 300),
    },
  ];
};

const onStore = async (store: string, more: Readonly<Record<string, string>>, { lab }: Options): Promise<readonly Figure[]> => {
  const { url } = await lab();
  const workspace = await startWorkspace({ channels: ['#mesh-alerts'] });
  const served = await serve({
    PROMETHEUS_URL: url,
    SLACK_API_URL: workspace.apiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    ...more,
  });
  try {
    return await measured(served, store);
  } finally {
    await served.stop();
    await workspace.close();
  }
};

export const accept: Program = {
  name: 'accept',
  says: 'the webhook of a real `edgewise serve`, which triages what it took at the same time',
  run: async (options) => {
    const embedded = await onStore('embedded store', {}, options);
    if (postgresMissing !== null) return { figures: embedded, notes: [`PostgreSQL: ${postgresMissing}`] };
    const postgres = await startPostgres();
    try {
      return { figures: [...embedded, ...(await onStore('PostgreSQL', { DATABASE_URL: postgres.url }, options))] };
    } finally {
      await postgres.stop();
    }
  },
};
