import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DigestSubscription } from '../../../src/domain/digest-subscription.ts';
import type { Message } from '../../../src/domain/message.ts';
import type { KnownStanding } from '../../../src/domain/slo/known.ts';
import type { Slo } from '../../../src/domain/slo.ts';
import { plainAnswer } from '../../../src/stages/compose/answers.ts';
import { homeView } from '../../../src/stages/compose/home.ts';
import {
  previewNote,
  subscribedMessage,
  subscriptionsMessage,
  unsubscribedMessage,
  withNote,
} from '../../../src/stages/compose/subscriptions.ts';
import { blockProblems } from '../../../src/workspace/block-rules.ts';
import { viewProblems } from '../../../src/workspace/view-rules.ts';
import { expectEscaped, hostile } from '../../support/hostile.ts';
import { nowMs } from '../../support/report.ts';

const sloWith = (value: string): Slo => ({
  ...{ name: value, about: { kind: 'named', service: value }, sli: { kind: 'recorded' }, objectivePpm: 999_000 },
  ...{ window: { kind: 'rolling', days: 30 }, cluster: value, owner: value, channel: value },
  origin: { format: 'Sloth', file: null },
});

const states = ['healthy', 'breached', 'at-risk', 'no-traffic', 'insufficient-data', 'healthy', 'breached'] as const;
const standingsWith = (value: string): readonly KnownStanding[] =>
  states.map((state, n) => ({
    ...{ slo: sloWith(value), cluster: value, atMs: nowMs - n * 600_000, state, left: n < 3 ? n / 4 - 0.3 : null, events: null },
    ...{ period: { startMs: nowMs - 1000, endMs: nowMs, wholeSeconds: 2_592_000 }, exhaustedAtMs: null },
  }));

const choices = (value: string): readonly DigestSubscription['choice'][] => [
  { kind: 'own' },
  { kind: 'owner', owner: value },
  { kind: 'names', names: Array.from({ length: 10 }, () => value) },
];
const digestsWith = (value: string, many: number): readonly DigestSubscription[] =>
  Array.from({ length: many }, (_, n) => ({
    ...{ rhythm: n % 2 === 0 ? 'daily' : 'weekly', weekday: (n % 7) + 1, minuteOfDay: 540, zone: 'UTC', sinceMs: nowMs },
    ...{ channel: n === 0 ? 'C0123ABC' : value, channelName: value, by: [null, 'U0ADA', value][n % 3] ?? null },
    choice: choices(value)[n % 3] ?? { kind: 'own' },
  }));

/** What is said of who gets a digest. */
const messagesWith = (value: string, many: number): readonly Message[] => {
  const digests = digestsWith(value, many);
  const slos = Array.from({ length: 9 }, () => sloWith(value));
  return [
    subscriptionsMessage(digests, digests[1] ?? null, nowMs),
    ...digests
      .slice(0, 3)
      .flatMap((digest) => [
        subscribedMessage({ ...digest, by: digest.by ?? value }, slos, digest, nowMs),
        unsubscribedMessage(digest, value, digest, nowMs),
        withNote(plainAnswer([value]), previewNote(digest, true, nowMs)),
      ]),
  ];
};

const homeWith = (value: string, many: number) =>
  homeView({
    ...{ incidents: [], front: null, linkOf: () => null, buttons: [], atMs: nowMs, zone: 'UTC', told: null, gap: null },
    objectives: { standings: standingsWith(value), digests: digestsWith(value, many), gap: value },
  });

describe('what is said of digests and objectives', () => {
  it('holds no mention, link, date or broken entity that a name brought with it', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        for (const { text, blocks } of messagesWith(value, 3)) expectEscaped(text, blocks, /^(@U0ADA|#C0123ABC)$/);
        expectEscaped('–', homeWith(value, 3).blocks, /^(@U0ADA|#C0123ABC)$/);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it("stays within Slack's limits whatever the names, and however many", () => {
    fc.assert(
      fc.property(hostile, (value) => {
        for (const { text, blocks } of messagesWith(value, 30)) {
          expect(text.length).toBeGreaterThan(0);
          expect(blockProblems(blocks, () => 'ready')).toEqual([]);
        }
        const { blocks } = homeWith(value, 30);
        expect(viewProblems({ type: 'home', blocks }, 'home', () => 'ready')).toEqual({ problems: [], isTooLarge: false });
      }),
      { numRuns: 20 },
    );
  }, 60_000);
});
