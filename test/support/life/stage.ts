import { join } from 'node:path';
import { sharedChannels } from '../../../src/adapters/slack/shared-channels.ts';
import { deliveryId } from '../../../src/adapters/store/identity.ts';
import { promTelemetry } from '../../../src/adapters/system/telemetry.ts';
import { type Config, formatMistakes, readSettings } from '../../../src/config.ts';
import type { Gesture } from '../../../src/domain/gesture.ts';
import { onGesture } from '../../../src/gestures.ts';
import type { Cluster } from '../../../src/inquiry.ts';
import type { ChartRenderer, Store } from '../../../src/ports.ts';
import type { Sources } from '../../../src/sources.ts';
import { brief } from '../../../src/stages/compose/brief.ts';
import { digestsWorld, episodeWorld, gestureWorld, jobHandler } from '../../../src/wiring.ts';
import type { Workspace } from '../../../src/workspace/workspace.ts';
import { environmentOf } from '../bot.ts';
import { senderTo } from '../slack.ts';
import { type StoryAlertmanager, storyAlertmanager } from './alertmanager.ts';
import type { StoryClock } from './clock.ts';
import { screenOf } from './people.ts';
import type { Story } from './story.ts';
import type { Told } from './told.ts';
import { type Due, storySlack, storyStore } from './world.ts';

const home = 'test/scenarios/life';

const configOf = (story: Story, workspace: Workspace): Config => {
  const more = {
    CLUSTER: 'prod',
    CHANNEL_BUDGET: '10',
    ALERTMANAGER_URL: 'http://alertmanager-1.shop.example:9093',
    SLACK_APP_TOKEN: workspace.appToken,
    SILENCES: 'on',
    CONFIG_FILE: join(home, 'edgewise.yaml'),
    ...story.settings,
  };
  const environment = environmentOf(workspace, 'http://prometheus.shop.example:9090', 'data', 1, more);
  const read = readSettings(environment, 'serve');
  if (!read.ok) throw new Error(formatMistakes(read.mistakes));
  return read.config;
};

/** Pictures as they are described; what is drawn of them is tested elsewhere. */
const sketches: ChartRenderer = {
  draw: async ({ name, widthPx, heightPx, altText }) => ({ name, png: new Uint8Array([1]), widthPx, heightPx, altText }),
  close: async () => undefined,
};

const asked = async () => {
  throw new Error('no story asks the doctor');
};

const sourcesOf = (cluster: Cluster, { source, silencing }: StoryAlertmanager): Sources => ({
  cluster,
  match: cluster.name,
  alerts: source,
  silences: silencing,
  aboutMetrics: asked,
  aboutAlertmanager: null,
  aboutTraces: null,
  close: async () => undefined,
});

/** Where its messages and its Home stand. */
const addresses = {
  linkOf: (channelId: string, ts: string): string => `https://shop.slack.example/archives/${channelId}/p${ts.replace('.', '')}`,
  homeUrl: (): string => 'slack://app?team=T0SHOP&id=A0EDGEWISE&tab=home',
};

/** What a story is played with: the shipped walks, store and sender, and the story's clock, Slack and Alertmanager. */
export type Stage = ReturnType<typeof openStage>;

type Parts = {
  readonly workspace: Workspace;
  readonly store: Store;
  readonly cluster: Cluster;
  readonly time: StoryClock;
  readonly startMs: number;
  readonly isSlackUp: () => boolean;
};

/** Everything of the bot that a story needs, wired as it is shipped. */
export const openStage = (story: Story, parts: Parts) => {
  const { workspace, cluster, time, startMs, isSlackUp } = parts;
  const { clock } = time;
  const told: Told[] = [];
  const due: Due[] = [];
  const troubles: unknown[] = [];
  const tell = (one: Told): void => void told.push(one);
  const config = configOf(story, workspace);
  const store = storyStore(parts.store, time, due);
  const { calls, fetch } = storySlack(workspace, time, isSlackUp, tell);
  const isShared = config.slack.showsStrangers ? async () => false : sharedChannels(calls, clock);
  const scope = { workspace: config.slack.workspace, cluster: cluster.name };
  const sender = senderTo(workspace, store, clock, {
    workspace: scope.workspace,
    calls,
    fetch,
    defaultChannel: config.slack.channel,
    briefIn: async (channel) => ((await isShared(channel)) ? brief : null),
  });
  const alertmanager = storyAlertmanager(story, clock, startMs);
  const sources = [sourcesOf(cluster, alertmanager)];
  const shipped = episodeWorld(config, {
    ...{ store, sources, telemetry: promTelemetry(), wakeSender: sender.wake, addressesOf: () => addresses },
    charts: story.pictures ? sketches : null,
    log: (level, event, fields) => {
      if (level === 'error') troubles.push([event, fields]);
    },
  });
  const world = { ...shipped, clock };
  const served = { workspace: scope.workspace, calls, isSharedOutside: isShared };
  const onEach = onGesture(gestureWorld(config, world, served, { sources, fetch }));
  return {
    told,
    due,
    tell,
    store,
    sender,
    alertmanager,
    /** What the log calls an error: no story has any. */
    troubles,
    work: jobHandler(world, digestsWorld(config, world, sources, promTelemetry())),
    /** As the webhook takes it in. */
    accept: async (group: ReturnType<StoryAlertmanager['send']>): Promise<void> => {
      const delivery = { ...scope, receivedAtMs: clock.nowMs(), group };
      if ((await store.accept(delivery)) === 'accepted')
        due.push({ job: { kind: 'triage', deliveryId: deliveryId(delivery) }, atMs: clock.nowMs() });
    },
    does: async (name: string, gesture: Gesture): Promise<void> => {
      const problems = await onEach(gesture, screenOf(name, tell, clock.nowMs));
      if (problems !== null) tell({ kind: 'problems', atMs: clock.nowMs(), to: name, problems });
    },
  };
};
