import { describe, expect, it } from 'vitest';
import { ask } from '../src/ask.ts';
import type { AskWorld } from '../src/asking.ts';
import { istio } from '../src/dialects/istio.ts';
import { open, subjectKey } from '../src/domain/episode.ts';
import { SourceError } from '../src/domain/gathered.ts';
import type { Incident } from '../src/domain/incident.ts';
import { spoken } from '../src/stages/compose/spoken.ts';
import { blockProblems } from '../src/workspace/block-rules.ts';
import { down } from './support/metrics.ts';
import { alertWith, edgeNamed, nowMs, setting } from './support/report.ts';

const cluster = (name: string) => ({ name, dialect: istio, metrics: down, rules: null, deadlineMs: 100 });

const incidentOf = (callee: string, more: Partial<Incident> = {}): Incident => {
  const subject = { kind: 'edge' as const, edge: edgeNamed('checkout', callee) };
  const alert = alertWith();
  const opening = {
    ...{ id: callee, workspace: 'T1', cluster: 'eu', key: subjectKey(subject, alert, ''), subject },
    ...{ title: `checkout → ${callee}`, channel: '#mesh-alerts' },
  };
  return { ...open(opening, alert, [alert], nowMs - 12 * 60_000), ...more };
};

const answer = async (text: string, openIncidents?: AskWorld['openIncidents']) => {
  const world = {
    clusters: [cluster('eu'), cluster('us')],
    clock: { nowMs: () => nowMs, sleep: async () => undefined },
    charts: null,
    settingOf: () => setting,
    ...(openIncidents === undefined ? {} : { openIncidents }),
  };
  const reply = await ask(world, text);
  expect(blockProblems(reply.message.blocks, () => 'missing')).toEqual([]);
  return { ...reply, words: spoken(reply.message) };
};

describe('/mesh incidents', () => {
  const held = [
    incidentOf('search', { severity: 'warning' }),
    incidentOf('payments', {
      severity: 'page',
      lastHeader: '🔴 checkout → payments: 5.3 % failing (usually 0.1 %)',
      lastVerdict: 'payments itself answers with errors',
      reopened: 2,
    }),
    incidentOf('cart', { severity: 'info', cluster: 'us' }),
  ];

  it('are what is open, the loudest first, each with its verdict, age and channel', async () => {
    const { words, ending } = await answer('incidents', async () => held);
    expect(ending).toBe('answered');
    expect(words).toMatch(/^3 open incidents/);
    expect(words).toMatch(
      /🔴 checkout → payments: 5\.3 % failing \(usually 0\.1 %\)\npayments itself answers with errors\npage · eu · since \d\d:\d\d \(12 min\) · 1 alert · came back 2 times · in #mesh-alerts/,
    );
    expect(words.indexOf('payments')).toBeLessThan(words.indexOf('search'));
    expect(words.indexOf('search')).toBeLessThan(words.indexOf('cart'));
  });

  it('are those of one cluster where it is named', async () => {
    expect((await answer('incidents --cluster us', async () => held)).words).toMatch(
      /^1 open incident in us\n\n🔵 checkout → cart\n/,
    );
    expect((await answer('incidents --cluster uss', async () => held)).words).toMatch(
      /I do not know the cluster uss\. Did you mean us\?/,
    );
  });

  it('are none where none is open, which is not said where the store cannot be asked', async () => {
    expect((await answer('incidents', async () => [])).words).toBe('No incident is open');
    const lost = await answer('incidents', async () => {
      throw new SourceError('the store', 'unreachable', 'refused the connection');
    });
    expect([lost.ending, lost.words]).toEqual([
      'not-found',
      'The open incidents are not known: the store refused the connection.',
    ]);
    expect((await answer('incidents')).words).toMatch(/ask it in Slack/);
  });

  it('fill one screen, and say how many more there are', async () => {
    const many = Array.from({ length: 60 }, (_, index) => incidentOf(`service-${index}`));
    const { message, words } = await answer('incidents', async () => many);
    expect(message.blocks.length).toBeLessThanOrEqual(20);
    expect(words).toMatch(/45 more incidents$/);
  });
});
