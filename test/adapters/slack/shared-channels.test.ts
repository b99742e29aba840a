import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { slackCalls } from '../../../src/adapters/slack/calls.ts';
import { sharedChannels } from '../../../src/adapters/slack/shared-channels.ts';
import { slackWeb } from '../../../src/adapters/slack/web.ts';
import { openEmbedded } from '../../../src/adapters/store/embedded.ts';
import type { OutboxMessage } from '../../../src/domain/incident.ts';
import type { Store } from '../../../src/ports.ts';
import { brief } from '../../../src/stages/compose/brief.ts';
import { root } from '../../../src/stages/compose/root.ts';
import { allScopes } from '../../../src/workspace/web-api.ts';
import { startWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';
import { incidentOf, message, until } from '../../contracts/store-values.ts';
import { fastClock } from '../../support/fast-clock.ts';
import { alertWith, edgeNamed, findingAt, reportOf, setting, standing } from '../../support/report.ts';
import { put, senderTo } from '../../support/slack.ts';

const clock = fastClock(8);
const folder = mkdtempSync(join(tmpdir(), 'edgewise-shared-'));
let store: Store;
let workspace: Workspace;
const open = (scopes: readonly string[] = allScopes): Promise<Workspace> =>
  startWorkspace({ channels: ['#mesh-alerts', '#partners'], shared: ['#partners'], nowMs: clock.nowMs, scopes });
const callsTo = ({ botToken, apiUrl }: Workspace) =>
  slackCalls(slackWeb({ token: botToken, apiUrl }), clock, { onCall: () => undefined, onWait: () => undefined });

beforeAll(async () => {
  store = await openEmbedded({ dataDir: folder, clock, log: () => undefined });
}, 60_000);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  workspace = await open();
  Object.assign(workspace.channel('#partners') ?? {}, { isMember: true });
});
afterEach(async () => {
  await workspace.close();
});

const told = root(reportOf(edgeNamed(), [alertWith()], {}, { verdict: findingAt(edgeNamed()) }), setting, standing);
const of = (incident: ReturnType<typeof incidentOf>, purpose: OutboxMessage['purpose']): OutboxMessage => ({
  ...message(incident, purpose),
  message: purpose === 'thread' ? { text: '*Resolved* at 03:12 after 12 min\n*Peak:* 26 % failing', blocks: [] } : told,
});

describe('a channel that is shared with another organisation', () => {
  it('is told which edge is sick and since when, and neither how sick nor why; its own channel everything', async () => {
    const isShared = sharedChannels(callsTo(workspace), clock);
    const sender = senderTo(workspace, store, clock, { briefIn: async (channel) => ((await isShared(channel)) ? brief : null) });
    for (const channel of ['#mesh-alerts', '#partners']) {
      const incident = { ...incidentOf(channel), channel };
      await put(store, incident, of(incident, 'root'), of(incident, 'thread'), of(incident, 'picture'));
    }
    sender.start();
    await until(async () => (await store.outbox.waiting()).count === 0);
    await sender.stop();
    const [own, ...ownThread] = workspace.messages('#mesh-alerts');
    expect(own?.blocks).toEqual(told.blocks);
    expect(ownThread.map(({ text }) => text)).toContain('*Resolved* at 03:12 after 12 min\n*Peak:* 26 % failing');
    expect(ownThread.flatMap(({ files }) => files)).toHaveLength(1);
    const shared = workspace.messages('#partners');
    expect(JSON.stringify(shared)).not.toMatch(/\d %|failing|kubectl|grafana/);
    expect(shared[0]?.text).toMatch(/^🔴 checkout → payments\nFigures and causes are kept/);
    expect(shared[0]?.blocks.map(({ type }) => type)).toEqual(['header', 'section', 'actions', 'context']);
    expect(JSON.stringify(shared[0]?.blocks[1])).toMatch(/"since [^"]*"/);
    expect(shared.slice(1).map(({ text }) => text)).toEqual(['*Resolved* at 03:12 after 12 min']);
    expect(shared.flatMap(({ files }) => files)).toEqual([]);
  });

  it('is asked for once in ten minutes, and taken for our own by a token that may not ask', async () => {
    const isShared = sharedChannels(callsTo(workspace), clock);
    const id = workspace.channel('#partners')?.id ?? '';
    expect(await Promise.all([await isShared(id), await isShared(id), isShared('#partners'), isShared('D0123456')])).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(workspace.calls.filter(({ method }) => method === 'conversations.info')).toHaveLength(1);
    const poor = await open(allScopes.filter((scope) => scope !== 'channels:read'));
    expect(await sharedChannels(callsTo(poor), clock)(poor.channel('#partners')?.id ?? '')).toBe(false);
    await poor.close();
  });

  it('is told nothing while Slack does not say whether it is one', async () => {
    const id = workspace.channel('#partners')?.id ?? '';
    workspace.fail('conversations.info', { kind: 'status', status: 500 }, 1);
    const isShared = sharedChannels(callsTo(workspace), clock);
    await expect(isShared(id)).rejects.toThrow();
    expect(await isShared(id)).toBe(true);
  });
});
