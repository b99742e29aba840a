import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { channel } from '../../../src/demo/start.ts';
import type { Message } from '../../../src/domain/message.ts';
import { readRecording } from '../../../src/recording/folder.ts';
import { startWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';
import { faults } from '../faults/index.ts';
import type { Fault } from '../lab.ts';
import { podsOf } from '../mesh/topology.ts';
import { askWhy, edgesSeen, lookAtRoots, untoldAlerts } from './messages.ts';
import type { Slot } from './slot-parts.ts';

/** A slot that has run this fault, by what was recorded of it; what the bot said is up to the test. */
const name = 'app-500-few';
const home = new URL(`../../scenarios/lab/${name}/`, import.meta.url).pathname;
const recording = readRecording(home);
const message = JSON.parse(readFileSync(`${home}slack.json`, 'utf8')) as Message;
const fault = faults.find((one) => one.name === name) as Fault;
const { atMs } = recording;
type Alert = { readonly fingerprint: string; readonly labels: Readonly<Record<string, string>> };
const { alerts } = recording.delivery as { readonly alerts: readonly Alert[] };
/** Which of the edges above it an alert came for is left to the moment. */
const alertEdge = ['source_workload', 'destination_service_name'].map((label) => alerts[0]?.labels[label]);
const triage = {
  incident: 'one',
  cluster: name,
  alerts: alerts.map(({ fingerprint }) => fingerprint),
  atMs,
  endedMs: atMs + 900,
};

const slotWith = (workspace: Workspace, triaged: readonly object[]): Slot =>
  ({
    workspace,
    bot: { triaged: () => triaged, answered: () => [] },
    wire: {
      exchanges: () => recording.exchanges.map((exchange) => ({ startedMs: atMs, endedMs: atMs + 100, exchange })),
      deliveries: () => [{ atMs, body: recording.delivery }],
      tracesOf: () => null,
    },
    mesh: { pods: podsOf(0) },
    signal: new AbortController().signal,
  }) as unknown as Slot;

let open: Workspace | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});

/** A workspace, and what a bot does there. */
const opened = async () => {
  const workspace = await startWorkspace({ channels: [channel], isStrict: false });
  open = workspace;
  const call = async (method: string, given: object): Promise<string> => {
    const headers = { authorization: `Bearer ${workspace.botToken}`, 'content-type': 'application/json' };
    const answer = await fetch(`${workspace.apiUrl}${method}`, { method: 'POST', headers, body: JSON.stringify(given) });
    const { ok, ts, error } = (await answer.json()) as { readonly ok: boolean; readonly ts: string; readonly error?: string };
    if (!ok) throw new Error(error);
    return ts;
  };
  const metadata = { event_type: 'edgewise', event_payload: { key: 'one:root' } };
  return {
    workspace,
    post: (said: Message) => call('chat.postMessage', { channel, ...said, metadata }),
    edit: (ts: string, said: Message) => call('chat.update', { channel: workspace.channel(channel)?.id, ts, ...said }),
  };
};

/** The recording may be older than the newest parts of a question: then it is answered all the same, and that it is told is no mistake here. */
const mistakesOf = (looked: Awaited<ReturnType<typeof lookAtRoots>>[number] | undefined): readonly string[] | undefined =>
  looked?.errors.filter((error) => !error.startsWith('the replay asked what was not recorded'));

const withVerdict = (text: string): Message => ({
  ...message,
  blocks: message.blocks.map((block, index) => (index === 2 ? { ...block, text: { type: 'mrkdwn', text } } : block)),
});

describe('what a root told', () => {
  it('is what its triage says when it is replayed; that something is still being asked is no verdict', async () => {
    const { workspace, post, edit } = await opened();
    await edit(await post(withVerdict('_Still asking golden signals …_')), message);
    const [looked, ...others] = await lookAtRoots(slotWith(workspace, [triage]), fault);
    expect(others).toEqual([]);
    expect(mistakesOf(looked)).toEqual([]);
    expect(looked?.graded).toMatchObject({
      said: { about: 'MeshEdgeErrorRatioHigh', edge: ['checkout', 'payments'], alertEdge },
      grade: { isRight: true, why: [] },
    });
    expect(looked?.graded.tellings).toBeUndefined();
  });

  it('counts though it is over, and stands as a card', async () => {
    const { workspace, post, edit } = await opened();
    const card = [{ type: 'header', text: { type: 'plain_text', text: '🟢 Resolved: checkout → payments' } }];
    await edit(await post(message), { text: 'Resolved', blocks: card });
    const [looked] = await lookAtRoots(slotWith(workspace, [triage]), fault);
    expect([mistakesOf(looked), looked?.graded.said.verdict?.rule]).toEqual([[], 'callee-errors']);
  });

  it('that no replay says, before an edit or at last, is a mistake of the lab', async () => {
    const { workspace, post, edit } = await opened();
    const ts = await post(withVerdict('*It was the moon*'));
    await edit(ts, message);
    const slot = slotWith(workspace, [triage]);
    const [looked] = await lookAtRoots(slot, fault);
    expect(mistakesOf(looked)?.map((error) => error.slice(0, 16))).toEqual(['no replay says "']);
    const [check] = message.blocks.flatMap((block, index) => (JSON.stringify(block).includes('First check') ? [index] : []));
    const blocks = message.blocks.filter((_, index) => index !== check);
    await edit(ts, { ...message, blocks });
    expect(mistakesOf((await lookAtRoots(slot, fault))[0])).toHaveLength(3);
  });
});

describe('an alert', () => {
  it('is untold until a triage about it has ended', async () => {
    const { workspace } = await opened();
    const names = alerts.map(() => 'MeshEdgeErrorRatioHigh');
    expect(untoldAlerts(slotWith(workspace, []), name)).toEqual([...new Set(names)]);
    expect(untoldAlerts(slotWith(workspace, [triage]), name)).toEqual([]);
    expect(untoldAlerts(slotWith(workspace, []), 'another')).toEqual([]);
  });
});

describe('a question', () => {
  it('without an answer of the bot is a mistake of the lab, no silence', async () => {
    const { workspace } = await opened();
    const { errors, graded } = await askWhy(slotWith(workspace, []), fault, ['checkout', 'payments']);
    expect(errors).toEqual([expect.stringContaining('/mesh why checkout → payments --cluster app-500-few got no answer')]);
    expect(graded.grade.isRight).toBe(false);
  });

  it('is asked of the edges that carry no HTTP too', () => {
    const counter = (metric: string, source_workload: string, destination_service_name: string) => ({
      name: metric,
      labels: { source_workload, destination_service_name },
    });
    const mesh = {
      pods: podsOf(0),
      counters: () => [
        counter('istio_requests_total', 'payments-v1', 'bank'),
        counter('istio_requests_total', 'payments-v2', 'bank'),
        counter('istio_tcp_connections_closed_total', 'bank', 'ledger'),
        counter('istio_requests_total', 'checkout', 'unknown'),
        counter('envoy_cluster_upstream_rq_total', 'a', 'b'),
      ],
    };
    expect(edgesSeen({ mesh } as unknown as Slot)).toEqual([
      ['payments', 'bank'],
      ['bank', 'ledger'],
    ]);
  });
});
