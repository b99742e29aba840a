import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../../src/domain/alert.ts';
import { open } from '../../../src/domain/episode.ts';
import { retitledFlood } from '../../../src/domain/flood.ts';
import type { View } from '../../../src/domain/gesture.ts';
import type { Incident } from '../../../src/domain/incident.ts';
import type { Message } from '../../../src/domain/message.ts';
import { type NewSilence, proposedMatchers } from '../../../src/domain/silence.ts';
import { plainAnswer } from '../../../src/stages/compose/answers.ts';
import * as deeds from '../../../src/stages/compose/deeds.ts';
import { drillMessage, drillNothing, pictureNote, shareable, sharedBy } from '../../../src/stages/compose/drill.ts';
import { homeView } from '../../../src/stages/compose/home.ts';
import { incidentsMessage } from '../../../src/stages/compose/incidents.ts';
import { callMessage, editMessage, foldMessage, restoodIncident, rooted } from '../../../src/stages/compose/outgoing.ts';
import type { Setting } from '../../../src/stages/compose/setting.ts';
import { silencedNote, silenceEndedNote, silenceForm } from '../../../src/stages/compose/silence.ts';
import { closedRoot } from '../../../src/stages/compose/thread.ts';
import { blockProblems } from '../../../src/workspace/block-rules.ts';
import { viewProblems } from '../../../src/workspace/view-rules.ts';
import { expectEscaped, hostile, texts } from '../../support/hostile.ts';
import { alertWith, edgeNamed, nowMs, reportOf, setting } from '../../support/report.ts';

const all: Setting = { ...setting, buttons: ['acknowledge', 'silence', 'drill', 'refresh', 'feedback'] };
/** Dates with their day, a person by a real id, and Slack's own address of a message or file. */
const ours =
  /^(!date\^\d+\^\{date_short_pretty\} \{time\}\|\d+ \w+ \d\d:\d\d|@U0ADA|https:\/\/acme\.slack\.com\/[^|<>\s]*\|[^<>]*)$/;
const link = 'https://acme.slack.com/archives/C1/p1';

/** A storm with this in every field that people or alerts fill. */
const incidentWith = (value: string): Incident => {
  const edge = edgeNamed(value, value, value);
  const alert = alertWith({ alertname: value, [value]: value });
  const opening = {
    id: 'i1',
    key: 'callee:x',
    workspace: value,
    cluster: value,
    subject: { kind: 'edge' as const, edge },
    title: value,
    channel: value,
  };
  const deed = { by: value, atMs: nowMs };
  const silence = { ...deed, id: value, endsAtMs: nowMs + 600_000, comment: value };
  const begun = open(opening, alert, [alert], nowMs);
  return {
    ...begun,
    alerts: Array.from({ length: 30 }, (_, n) =>
      begun.alerts.map((one) => ({ ...one, isTold: false, caller: `${n}${value}`, state: n % 9 === 8 ? 'resolved' : 'firing' })),
    ).flat() as Incident['alerts'],
    partOf: { incidentId: value, key: value, title: value, link: value.length % 2 === 0 ? link : `javascript:${value}` },
    acknowledged: deed,
    silences: [silence, { ...silence, by: 'U0ADA' }, silence, silence],
    lastVerdict: value,
    lastHeader: value,
  };
};

/** What a channel got beyond its budget, with this in every field. */
const floodWith = (value: string): Incident => {
  const incident = incidentWith(value);
  const alerts = incident.alerts.map((alert, n) => ({
    ...alert,
    about: { key: `${n}`, title: `${n}${value}` },
    mention: n % 2 === 0 ? `${value}x<!channel>` : '<!subteam^S0123ABC>',
  }));
  return retitledFlood({ ...incident, key: `channel:${value}`, edge: null, alerts });
};

const silenceOf = (value: string): NewSilence => ({
  matchers: Array.from({ length: 15 }, (_, n) => ({ name: n === 0 ? value : `l${n}`, value })),
  startsAtMs: nowMs,
  endsAtMs: nowMs + 86_400_000,
  createdBy: `slack:${value}`,
  comment: value,
});
const hiddenOf = (value: string) => ({
  count: 3,
  alreadySilenced: 1,
  names: [value, value],
  moreNames: 7,
  fingerprints: [value, 'a', 'b'],
});

const messagesWith = (value: string): readonly Message[] => {
  const incident = incidentWith(value);
  const report = reportOf(
    edgeNamed(value, value, value),
    [alertWith({ alertname: value })],
    { cluster: value },
    { summary: value },
  );
  const first = rooted(incident, report, all);
  const again = restoodIncident(first, all);
  const [ended] = incident.silences ?? [];
  const closed: Incident = { ...incident, state: 'resolved', closedAtMs: nowMs };
  const plain: Message = { text: 'x', blocks: [] };
  const flood = floodWith(value);
  const together = restoodIncident(flood, all);
  return [
    first.lastRoot,
    ...(again === null ? [] : [editMessage(again).message]),
    ...[foldMessage(incident, 'UTC')].flatMap((item) => (item === null ? [] : [item.message])),
    closedRoot(closed, value, nowMs, all),
    ...(['done', 'already', 'over'] as const).flatMap((kind) => [
      deeds.acknowledgedAnswer({ kind, incident }, 'UTC'),
      deeds.unacknowledgedAnswer({ kind, incident: closed }, 'UTC'),
    ]),
    deeds.overAnswer(closed, 'UTC'),
    deeds.refreshedAnswer(incident, nowMs, 'UTC'),
    deeds.whichIncident(
      Array.from({ length: 12 }, () => incident),
      value,
      nowMs,
    ),
    deeds.feedbackAnswer(true),
    deeds.unknownIncident(),
    drillMessage(edgeNamed(value, value, value), value, value, value),
    drillNothing(value),
    drillMessage(edgeNamed(value, value, value), value, value, value, true),
    ...(together === null ? [] : [editMessage(together).message]),
    ...[foldMessage(flood, 'UTC'), callMessage(flood, flood.alerts)].flatMap((item) => (item === null ? [] : [item.message])),
    closedRoot({ ...flood, state: 'resolved', closedAtMs: nowMs }, value, nowMs, all),
    incidentsMessage([flood, incident], value, nowMs, 'UTC'),
    deeds.notForMany(flood, value),
    shareable(first.lastRoot, 'key', value),
    shareable(plain, 'key', value),
    sharedBy(first.lastRoot, value, value),
    sharedBy(plain, 'U0ADA', value),
    pictureNote(`javascript:${value}`),
    pictureNote(`https://acme.slack.com/${value}`),
    pictureNote('https://acme.slack.com/files/U1/F1/hero.png'),
    silencedNote(value, silenceOf(value), hiddenOf(value), 'UTC'),
    silencedNote('U0ADA', silenceOf(value), null, 'UTC'),
    ...(ended === undefined
      ? []
      : [silenceEndedNote(ended, { by: value, atMs: nowMs }, 'UTC'), silenceEndedNote(ended, null, 'UTC')]),
  ];
};

const viewsWith = (value: string): readonly View[] => {
  const labels = labelsOf([
    ['alertname', value],
    [value, value],
    ...Array.from({ length: 15 }, (_, n) => [`l${n}`, `${value}${n}`] as const),
  ]);
  const offered = proposedMatchers([{ labels }], edgeNamed(value, value, value));
  const problems = (['matchers', 'duration', 'comment'] as const).map((field) => ({ field, text: value }));
  const form = (preview: { readonly problems: typeof problems; readonly hidden: ReturnType<typeof hiddenOf> | null }): View =>
    silenceForm({
      ...{ title: value, cluster: value, offered, mostSeconds: 14_400, context: '{}' },
      preview: { wanted: silenceOf(value), own: [], timeZone: 'UTC', ...preview },
    });
  const home = (incidents: readonly Incident[], gap: string | null, front: Incident | null = null): View => {
    const content = {
      buttons: all.buttons,
      atMs: nowMs,
      zone: 'UTC',
      gap,
      told: { message: plainAnswer([value]), incidentId: 'i2' },
      objectives: { standings: [], digests: [], gap },
    };
    return homeView({ ...content, incidents, front, linkOf: ({ id }) => (id === 'i1' ? link : `javascript:${value}`) });
  };
  const ended: Incident = { ...incidentWith(value), id: 'i2', state: 'resolved', closedAtMs: nowMs };
  const lost: Incident = { ...ended, id: 'i1', state: 'unreported', acknowledged: { by: value, atMs: nowMs } };
  const many = Array.from({ length: 40 }, (_, n) => ({ ...incidentWith(value), id: `i${n}` }));
  return [
    form({ problems: [], hidden: hiddenOf(value) }),
    form({ problems, hidden: null }),
    home(many, value),
    home([], value),
    ...[ended, lost].map((front) => home(many, null, front)),
  ];
};

/** As it goes to Slack. */
const wireOf = ({ type, title, submit, close, callback, context, blocks }: View) => ({
  type,
  ...(title === undefined ? {} : { title: { type: 'plain_text', text: title } }),
  ...(submit === undefined ? {} : { submit: { type: 'plain_text', text: submit } }),
  ...(close === undefined ? {} : { close: { type: 'plain_text', text: close } }),
  ...(callback === undefined ? {} : { callback_id: callback }),
  ...(context === undefined ? {} : { private_metadata: context }),
  blocks,
});

describe('what people are shown who act on incidents', () => {
  it('holds no mention, link, date or broken entity that a name, a comment or an id brought with it', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        for (const { text, blocks } of messagesWith(value)) expectEscaped(text, blocks, ours);
        for (const { blocks } of viewsWith(value)) expectEscaped('–', blocks, ours);
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it("stays within Slack's limits whatever the names, and a root within what an incident may weigh", () => {
    fc.assert(
      fc.property(hostile, (value) => {
        for (const message of messagesWith(value)) {
          expect(message.text.length).toBeGreaterThan(0);
          expect(blockProblems(message.blocks, () => 'ready')).toEqual([]);
          for (const { text } of texts(message.blocks)) expect(text.isWellFormed()).toBe(true);
          expect(JSON.stringify(message).length).toBeLessThan(60_000);
        }
        for (const view of viewsWith(value))
          expect(viewProblems(wireOf(view), view.type, () => 'ready')).toEqual({ problems: [], isTooLarge: false });
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});
