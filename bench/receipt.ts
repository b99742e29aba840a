import { setTimeout as wait } from 'node:timers/promises';
import { type Call, calls } from '../src/demo/mesh/topology.ts';
import { startWorkspace, type Workspace } from '../src/workspace/workspace.ts';
import { delivery, type Naming } from './support/alerts.ts';
import { delayed } from './support/delay.ts';
import type { Lab } from './support/lab.ts';
import { type Served, serve } from './support/serve.ts';
import { type Program, quantileOf, table } from './support/table.ts';

const prometheusMs = 100;
const slackMs = 200;
const channel = '#mesh-alerts';
const aims = { text: 1500, picture: 4000 } as const;

type Seen = { readonly what: string; readonly textMs: number; readonly pictureMs: number };

const isRoot = ({ threadTs, ephemeralFor }: ReturnType<Workspace['messages']>[number]): boolean =>
  threadTs === null && ephemeralFor === null;

/** One incident from its delivery until the picture stands in its thread. */
const incident = async (served: Served, workspace: Workspace, call: Call, naming: Naming, startsAtMs: number): Promise<Seen> => {
  const what = `${naming === 'edge' ? call.caller : '(any)'} → ${call.callee}`;
  const known = new Set(workspace.messages(channel).map(({ ts }) => ts));
  const fresh = () => workspace.messages(channel).filter(({ ts }) => !known.has(ts));
  const root = () => fresh().find(isRoot);
  const startedMs = performance.now();
  const status = await served.deliver(delivery(call, naming, startsAtMs));
  if (status !== 200) throw new Error(`${what}: the delivery was answered with ${status}`);
  const hasText = await workspace.until(() => JSON.stringify(root()?.blocks ?? []).includes('First check'), 15_000);
  const textMs = performance.now() - startedMs;
  const hasPicture = await workspace.until(
    () => fresh().some(({ files, threadTs }) => threadTs === root()?.ts && files.length > 0),
    15_000,
  );
  const pictureMs = performance.now() - startedMs;
  return { what, textMs: hasText ? textMs : Number.NaN, pictureMs: hasPicture ? pictureMs : Number.NaN };
};

/** One bot and one workspace: every edge once, one after the other. */
const round = async (lab: Lab, naming: Naming, say: (text: string) => void): Promise<readonly Seen[]> => {
  const workspace = await startWorkspace({ channels: [channel] });
  const slack = await delayed(new URL(workspace.apiUrl).origin, slackMs);
  const prometheus = await delayed(lab.url, prometheusMs);
  const served = await serve({
    PROMETHEUS_URL: prometheus.url,
    SLACK_API_URL: `${slack.url}/api/`,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
  });
  try {
    const edges = naming === 'edge' ? calls : [...new Map(calls.map((call) => [call.callee, call])).values()];
    const seen: Seen[] = [];
    for (const call of edges) {
      seen.push(await incident(served, workspace, call, naming, Date.now() - 15_000));
      say(`receipt: ${seen.at(-1)?.what} ${seen.at(-1)?.textMs.toFixed(0)} ms, ${seen.at(-1)?.pictureMs.toFixed(0)} ms`);
    }
    return seen;
  } finally {
    await served.stop();
    await Promise.all([slack.close(), prometheus.close(), workspace.close()]);
  }
};

const line = (what: string, values: readonly number[], aimMs: number) => {
  const known = values.map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value));
  const [p50, p95] = [quantileOf(known, 0.5), quantileOf(known, 0.95)];
  return {
    what: `${what}, p50 / p95 of ${values.length} incidents`,
    seen: `${(p50 / 1000).toFixed(2)} s / ${(p95 / 1000).toFixed(2)} s`,
    aim: `p95 < ${(aimMs / 1000).toFixed(1)} s`,
    isMet: p95 < aimMs,
  };
};

export const receipt: Program = {
  name: 'receipt',
  says: `receipt → root text with verdict, and → picture in the thread; every Prometheus call ${prometheusMs} ms late, every Slack call ${slackMs} ms`,
  run: async ({ lab, say }) => {
    const opened = await lab();
    // Two minutes of incident, as an alert with a `for` would have.
    await wait(Math.max(0, opened.brokenAtMs + 120_000 - Date.now()));
    const seen = [...(await round(opened, 'edge', say)), ...(await round(opened, 'callee', say))];
    const slowest = [...seen].sort((a, b) => b.textMs - a.textMs).slice(0, 3);
    return {
      figures: [
        line(
          'receipt → root text with verdict',
          seen.map(({ textMs }) => textMs),
          aims.text,
        ),
        line(
          'receipt → picture visible',
          seen.map(({ pictureMs }) => pictureMs),
          aims.picture,
        ),
      ],
      notes: [
        table(
          ['slowest', 'text', 'picture'],
          slowest.map(({ what, textMs, pictureMs }) => [what, `${textMs.toFixed(0)} ms`, `${pictureMs.toFixed(0)} ms`]),
        ),
      ],
    };
  },
};
