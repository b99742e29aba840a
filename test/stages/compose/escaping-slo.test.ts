import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vegaRenderer } from '../../../src/adapters/vega/renderer.ts';
import { type Digest, digestOf } from '../../../src/domain/digest.ts';
import { edgeTitle } from '../../../src/domain/edge.ts';
import type { Message } from '../../../src/domain/message.ts';
import type { SloReading } from '../../../src/domain/slo/reading.ts';
import { type PastIncident, spendersOf } from '../../../src/domain/slo/spenders.ts';
import { standingOf } from '../../../src/domain/slo/standing.ts';
import { hourMs } from '../../../src/domain/time.ts';
import type { ChartRenderer } from '../../../src/ports.ts';
import { digestMessage } from '../../../src/stages/compose/digest.ts';
import { digestTable } from '../../../src/stages/compose/digest-table.ts';
import { type SloAnswer, sloMessage } from '../../../src/stages/compose/slo-answer.ts';
import { spoken } from '../../../src/stages/compose/spoken.ts';
import { budgetPicture } from '../../../src/stages/draw/budget.ts';
import { blockProblems } from '../../../src/workspace/block-rules.ts';
import { expectEscaped, hostile, texts } from '../../support/hostile.ts';
import { sizeOf } from '../../support/png.ts';
import { edgeNamed, nowMs } from '../../support/report.ts';

const hours = 24;
const startMs = nowMs - hours * hourMs;

/** Bad enough to burn, one way of ending in each hour. */
const readingWith = (value: string, more: Partial<SloReading> = {}): SloReading => {
  const end = { namespace: value, workload: value, service: value };
  const spent = [
    { caller: end, ending: value, version: value, bad: 30 },
    { caller: null, ending: `${value} 503`, version: null, bad: 20 },
  ];
  return {
    slo: {
      name: value,
      about: { kind: 'edge', edge: edgeNamed(value, value, value) },
      sli: { kind: 'availability', bad: 'failed', reporter: 'destination' },
      objectivePpm: 990_000,
      window: { kind: 'calendar', unit: 'month', zone: value },
      ...{ cluster: value, owner: value, channel: value, origin: { format: 'Edgewise', file: value } },
    },
    atMs: nowMs,
    period: { startMs, endMs: nowMs, wholeSeconds: hours * 3600 },
    whole: { ratio: 0.05, events: { total: 24_000, bad: 1200 } },
    burnt: new Map(([300, 1800, 3600, 21_600, 86_400] as const).map((window) => [window, { ratio: 0.9, events: null }])),
    hours: Array.from({ length: hours }, (_, index) => ({
      startMs: startMs + index * hourMs,
      events: { total: 1000, bad: index === 3 ? 1150 : 50 / 24 },
      seen: 1,
      spent: index === 3 ? spent.map((one) => ({ ...one, bad: one.bad * 20 })) : spent,
    })),
    ...{ coverage: 1, sinceMs: startMs, reporter: 'destination', method: { kind: 'counted' }, gaps: [] },
    ...more,
  };
};

const gapsOf = (value: string): SloReading['gaps'] =>
  Array.from({ length: 6 }, (_, index) => ({
    what: `${value}${index}`,
    source: value,
    reason: index % 2 === 0 ? ('timeout' as const) : ('absent' as const),
    detail: `${value}${index}`,
  }));

/** A reading of each kind that a composer tells apart, with the value in everything that files, labels and sources fill. */
const readingsWith = (value: string): readonly SloReading[] => {
  const { slo } = readingWith(value);
  const imported = { ...slo, about: { kind: 'named' as const, service: value }, sli: { kind: 'recorded' as const } };
  const called = { ...slo, about: { kind: 'service' as const, callee: edgeNamed(value, value, value).destination } };
  const query = { kind: 'queries' as const, counts: 'bad' as const, counted: value, total: value, per: 'second' as const };
  return [
    readingWith(value),
    readingWith(value, { slo: called, whole: { ratio: 0.009, events: null }, dropped: { slots: 3, of: 9 } }),
    readingWith(value, { slo: imported, method: { kind: 'recorded', by: 'Sloth', weighs: 'time' } }),
    readingWith(value, { slo: { ...imported, origin: { format: 'Grafana SLO', file: null } }, reporter: null }),
    readingWith(value, { slo: { ...slo, sli: query }, method: { kind: 'asked', weighs: 'not-known' } }),
    readingWith(value, { whole: { ratio: 0.001, events: { total: 24_000, bad: 24 } }, burnt: new Map() }),
    readingWith(value, { whole: null, coverage: 0, gaps: gapsOf(value) }),
    readingWith(value, { whole: null, burnt: new Map() }),
    readingWith(value, { coverage: 0.5, gaps: gapsOf(value) }),
  ];
};

const incidentWith = (value: string): PastIncident => ({
  ...{ id: value, title: value, edge: edgeNamed(value, value, value) },
  openedAtMs: startMs + 3 * hourMs,
  closedAtMs: null,
});

const answersWith = (value: string): readonly SloAnswer[] =>
  readingsWith(value).map((reading) => ({
    reading,
    standing: standingOf(reading),
    spenders: spendersOf(reading, [incidentWith(value)]).map((spender) => ({ ...spender, incidents: [incidentWith(value)] })),
  }));

const digestsWith = (value: string): readonly Digest[] => {
  const answers = answersWith(value);
  const memory = [{ name: value, state: 'healthy' as const, left: 0.9 }];
  const calm = answers.slice(5, 6);
  const first = { atMs: nowMs, lastAtMs: null, rhythm: 'daily' } as const;
  const later = { atMs: nowMs, lastAtMs: startMs, rhythm: 'weekly' } as const;
  return [
    digestOf(first, answers, []),
    digestOf(later, [...answers, ...answers, ...answers], memory),
    digestOf(later, answers, [{ name: value, state: 'insufficient-data', left: null }]),
    digestOf(later, calm, memory),
    digestOf(later, [], []),
  ];
};

const permalink = 'https://acme.slack.com/archives/C1/p1?thread_ts=1&cid=C1';

/** Every message about objectives; addresses of incidents are Slack's, or what else somebody may have stored. */
const messagesWith = (value: string): readonly Message[] => {
  const answers = answersWith(value);
  return [
    ...answers.map((answer) => sloMessage([answer], 'UTC')),
    sloMessage(answers, 'UTC'),
    sloMessage([...answers, ...answers], 'UTC'),
    ...digestsWith(value).flatMap((digest) => [
      ...[permalink, `https://acme.slack.com/${value}`, `javascript:${value}`, null].map((address) =>
        digestMessage(digest, { timeZone: 'UTC', linkOf: () => address }),
      ),
      digestTable(digest),
    ]),
  ];
};

/** Slack's own address; what follows the first pipe is its label. */
const ours = /^https:\/\/acme\.slack\.com\/[^|<>\s]*\|[^<>]*$/;
const drawnOf = (value: string) =>
  answersWith(value).map(({ reading, standing: { left } }) => ({ reading, left: left ?? 0, incidents: [incidentWith(value)] }));

describe('what is said of objectives, escaped once and in one place', () => {
  it('makes no mention, foreign link, date or broken entity of names, owners, callers, versions, endings, gaps, files or incidents', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        for (const message of messagesWith(value)) expectEscaped(message.text, message.blocks, ours);
      }),
      { numRuns: 150 },
    );
  }, 90_000);

  it("stays within Slack's limits, and is words in a terminal, whatever the names", () => {
    fc.assert(
      fc.property(hostile, (value) => {
        for (const message of messagesWith(value)) {
          expect(message.text.trim().length).toBeGreaterThan(0);
          expect(message.text.length).toBeLessThanOrEqual(4000);
          expect(blockProblems(message.blocks, () => 'ready')).toEqual([]);
          for (const { text } of texts(message.blocks)) expect(text.isWellFormed()).toBe(true);
          expect(spoken(message)).not.toMatch(/undefined|NaN|\[object/);
        }
      }),
      { numRuns: 100 },
    );
  }, 90_000);

  it('is escaped once: an ampersand in a name is one entity, and a star is no mark', () => {
    const [message] = messagesWith('a & b *bold* <c>');
    const all = JSON.stringify(message?.blocks);
    expect(all).toContain('a &amp; b ∗bold∗ &lt;c&gt;');
    expect(all).not.toContain('&amp;amp;');
    expect(all).not.toContain('&amp;lt;');
  });

  it('names in its example what it is about', () => {
    // What the property reads is there at all: a composer that left it out would pass.
    const said = messagesWith('zebra').map(spoken).join('\n');
    for (const words of [
      'zebra → zebra (60 %): zebra by zebra',
      'incident: zebra',
      '· zebra',
      'defined in zebra',
      'month in zebra',
    ])
      expect(said).toContain(words);
    expect(said).toContain('No zebra0');
    expect(edgeTitle(edgeNamed('zebra', 'zebra', 'zebra'))).toBe('zebra → zebra');
  });
});

describe('budgets of hostile names, drawn', () => {
  let renderer: ChartRenderer;
  beforeAll(async () => {
    renderer = await vegaRenderer({ environment: process.env, deadlineMs: 20_000 });
  });
  afterAll(async () => renderer.close());

  it.each([
    ['a tag', '<svg onload=alert(1)>'],
    ['marks of XML and what it forbids', '"\'&<>\u0000\u0007\ufffe'],
    ['half a character', '\ud83d'],
    ['a turned direction', '\u202eevil'],
    ['no end', 'x'.repeat(4000)],
    ['no Latin', '日本語のサービス'],
  ])('come out as a picture, and are named beside it: %s', async (_, value) => {
    const spec = budgetPicture(drawnOf(value), 'UTC');
    if (spec === null) throw new Error('nothing drawn');
    const picture = await renderer.draw(spec);
    expect(sizeOf(picture.png)).toEqual([2 * spec.widthPx, 2 * spec.heightPx]);
    expect(picture.altText).toMatch(/overspent by/);
  });
});
