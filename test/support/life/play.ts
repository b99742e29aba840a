import type { HttpSource } from '../../../src/adapters/http/client.ts';
import { istio } from '../../../src/dialects/istio.ts';
import type { Cluster } from '../../../src/inquiry.ts';
import type { Job, Store } from '../../../src/ports.ts';
import { wholeCluster } from '../../../src/recording/shape.ts';
import { clusterOver, uncounted } from '../../../src/sources.ts';
import { startWorkspace } from '../../../src/workspace/workspace.ts';
import { call, holding } from '../metrics.ts';
import { type StoryClock, storyClock } from './clock.ts';
import { standingsOf } from './objectives.ts';
import { gestureOf } from './people.ts';
import { toldText } from './shown.ts';
import { openStage, type Stage } from './stage.ts';
import type { Step, Story } from './story.ts';
import { editsInOrder, toldJson } from './told.ts';
import { type Condition, conditioned, lookForStale } from './world.ts';

/** When every story begins: 2026-11-24 07:15:20 in UTC. */
export const startMs = Date.parse('2026-11-24T07:15:20Z');

const patienceMs = 3000;
const channel = '#mesh-alerts';

/** The engines of a recorded world: recordings of them, or themselves. */
export type WorldHttp = { readonly metrics: HttpSource; readonly rules: HttpSource };

const clusterOf = ({ world }: Story, http: WorldHttp | null, time: StoryClock, isNow: () => Condition): Cluster => {
  if (typeof world !== 'string') {
    const rows = Object.entries(world).flatMap(([edge, requests]) => {
      const [from = '', to = ''] = edge.split(' → ');
      return call(from, to, requests);
    });
    return { name: 'prod', dialect: istio, metrics: holding(rows), rules: null, deadlineMs: patienceMs };
  }
  if (http === null) throw new Error(`the world ${world} is not recorded`);
  const as = (source: HttpSource): HttpSource => conditioned(source, isNow, time, patienceMs);
  const over = { metrics: as(http.metrics), rules: as(http.rules), traces: null };
  return clusterOver(wholeCluster({ name: 'prod', mesh: 'istio' }), over, { clock: time.clock, ...uncounted });
};

const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));

/** A step as its reader reads it. */
const wordsOf = (step: Step): string => {
  if ('alertmanager' in step) {
    const { firing, resolved, truncated, from } = step.alertmanager;
    const parts = [
      firing.length > 0 ? `${listed(firing)} firing` : '',
      resolved.length > 0 ? `${listed(resolved)} resolved` : '',
      truncated > 0 ? `${truncated} more left out` : '',
    ];
    return `${new URL(from).hostname.split('.')[0]} sends: ${parts.filter((part) => part !== '').join('; ')}`;
  }
  if ('listed' in step) return `Alertmanager lists ${listed(step.listed)}`;
  if ('prometheus' in step) return `Prometheus ${step.prometheus}`;
  if ('slack' in step) return `Slack ${step.slack}`;
  if ('clicks' in step) return `${step.who} clicks “${step.clicks}”${step.old ? ' on a screen that is old' : ''}`;
  if ('types' in step) return `${step.who} types: ${step.types}`;
  if ('submits' in step) return `${step.who} sends the form: ${JSON.stringify(step.submits)}`;
  return 'opens' in step ? `${step.who} opens the Home` : `${step.who} chooses ${step.chooses} of a message`;
};

type Conditions = { prometheus: Condition; slack: 'answers' | 'fails' };

const begin = async (step: Step, stage: Stage, now: Conditions, channelId: string): Promise<void> => {
  if ('alertmanager' in step) return stage.accept(stage.alertmanager.send(step.alertmanager));
  if ('listed' in step) return stage.alertmanager.lists(step.listed);
  if ('prometheus' in step) now.prometheus = step.prometheus;
  else if ('slack' in step) now.slack = step.slack;
  else return stage.does(step.who, gestureOf(step, stage.told, channelId));
};

/** What recurs comes back while anything is open. */
const again = async ({ kind }: Job, { store, due }: Stage, nowMs: number): Promise<void> => {
  if (kind === 'staleness' && (await store.openIncidents()).length > 0) lookForStale(due, nowMs);
};

/** Goes from one moment at which something happens to the next, until the story ends. */
const run = async (story: Story, stage: Stage, time: StoryClock, begins: (step: Step) => Promise<void>): Promise<void> => {
  const { clock, settled, nextMs, goTo } = time;
  const steps = [...story.steps];
  const failures: unknown[] = [];
  const endMs = startMs + story.ends;
  const running = (work: Promise<void>): void => void work.catch((error: unknown) => failures.push(error));
  for (;;) {
    await settled();
    if (failures.length > 0) throw failures[0];
    const jobs = stage.due.filter(({ atMs }) => atMs <= clock.nowMs());
    for (const one of jobs) stage.due.splice(stage.due.indexOf(one), 1);
    for (const { job } of jobs) running(stage.work(job).then(() => again(job, stage, clock.nowMs())));
    if (jobs.length > 0) continue;
    if (steps[0] !== undefined && startMs + steps[0].at <= clock.nowMs()) {
      const step = steps.shift() as Step;
      stage.tell({ kind: 'step', atMs: clock.nowMs(), words: wordsOf(step) });
      running(begins(step));
      // What happens at the same moment happens at once: two people click before either is answered.
      while (steps[0] !== undefined && steps[0].at === step.at) {
        const also = steps.shift() as Step;
        stage.tell({ kind: 'step', atMs: clock.nowMs(), words: wordsOf(also) });
        running(begins(also));
      }
      continue;
    }
    const soonest = Math.min(
      ...stage.due.map(({ atMs }) => atMs),
      startMs + (steps[0]?.at ?? Number.POSITIVE_INFINITY),
      nextMs(false),
    );
    const isSending = nextMs(true) < soonest && (await stage.store.outbox.waiting()).count > 0;
    const next = isSending ? nextMs(true) : soonest;
    if (next > endMs) return;
    goTo(next);
  }
};

/** Every incident ended and gone, so that the next story finds an empty store. */
const emptied = async (store: Store): Promise<void> => {
  for (const incident of await store.openIncidents())
    await store.change(incident, incident.key, 0, (current) =>
      current === null ? null : { incident: { ...current, state: 'resolved', closedAtMs: 1 }, messages: [], jobs: [] },
    );
  const forAll = Number.MAX_SAFE_INTEGER;
  await store.retain({ bodiesBeforeMs: forAll, incidentsBeforeMs: forAll });
};

/** Where a store finds the time of the story that is played on it. */
export type Dial = { nowMs: () => number };

/** Plays a story to its end; gives what was told, as calls and as a reader sees it. */
export const play = async (
  story: Story,
  { store, dial, http }: { readonly store: Store; readonly dial: Dial; readonly http: WorldHttp | null },
): Promise<{ readonly json: string; readonly text: string; readonly troubles: readonly unknown[] }> => {
  const time = storyClock(startMs);
  dial.nowMs = time.clock.nowMs;
  const now: Conditions = { prometheus: 'answers', slack: 'answers' };
  const channels = [channel, '#payments', '#general'];
  const workspace = await startWorkspace({ isStrict: true, channels, shared: story.shared, nowMs: time.clock.nowMs });
  try {
    const cluster = clusterOf(story, http, time, () => now.prometheus);
    const stage = openStage(story, { workspace, store, cluster, time, startMs, isSlackUp: () => now.slack === 'answers' });
    const channelId = workspace.channel(channel)?.id ?? '';
    await store.standings.keep(cluster.name, standingsOf(story, startMs));
    stage.sender.start();
    await run(story, stage, time, (step) => begin(step, stage, now, channelId));
    const stopping = stage.sender.stop();
    await stopping;
    const nameOf = (id: string): string => channels.find((name) => workspace.channel(name)?.id === id) ?? id;
    const told = editsInOrder(stage.told);
    return {
      json: toldJson(told, startMs),
      text: toldText(story.story, told, startMs, nameOf),
      troubles: stage.troubles,
    };
  } finally {
    await workspace.close();
    await emptied(store);
  }
};
