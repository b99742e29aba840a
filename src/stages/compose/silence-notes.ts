import type { Deed, IncidentSilence } from '../../domain/incident.ts';
import type { Block, Message } from '../../domain/message.ts';
import type { Hidden, NewSilence, SilenceMatcher, SilenceProblem } from '../../domain/silence.ts';
import { type EpochMs, hourMs, minuteOfDay } from '../../domain/time.ts';
import { counted, middleCut } from '../../domain/words.ts';
import { section } from './blocks.ts';
import { dateToken, span } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw, untrusted } from './mrkdwn.ts';
import { personTag } from './people.ts';
import { silenceBlocks } from './silence-values.ts';

/** What the form says of itself. `hidden` null: Alertmanager did not tell what lives. */
export type SilencePreview = {
  readonly wanted: NewSilence;
  readonly problems: readonly SilenceProblem[];
  readonly hidden: Hidden | null;
  /** Fingerprints of the incident's own alerts: whatever else is hidden is told. */
  readonly own: readonly string[];
  readonly timeZone: string;
};

/** With its day where that may be another: "today", "tomorrow" in the reader's own zone (docs.slack.dev, "Date formatting"). */
const moment = (atMs: EpochMs, fromMs: EpochMs, zone: string): Mrkdwn =>
  atMs - fromMs < 4 * hourMs
    ? dateToken(atMs, zone)
    : (`<!date^${Math.floor(atMs / 1000)}^{date_short_pretty} {time}|${dayOf(atMs, zone)} ${minuteOfDay(atMs, zone)}>` as Mrkdwn);

const dayOf = (atMs: EpochMs, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short' }).format(atMs);

const namesOf = ({ names, moreNames }: Hidden): Mrkdwn =>
  joined([...names.map((name) => mrkdwn`${name}`), moreNames > 0 ? mrkdwn`${moreNames} more` : null], ', ');

const hiddenLine = (hidden: Hidden | null): Mrkdwn => {
  if (hidden === null) return ours('Alertmanager did not tell what fires now: nobody knows what this would hide.');
  const { count, alreadySilenced } = hidden;
  if (count === 0) return ours('Hides nothing that fires now.');
  const already =
    alreadySilenced === 0 ? null : mrkdwn`(${alreadySilenced === count ? 'all' : alreadySilenced} silenced already)`;
  const many = joined([mrkdwn`*Hides ${counted(count, 'alert')} that ${count === 1 ? 'fires' : 'fire'} now*`, already], ' ');
  return mrkdwn`${raw(many)}: ${raw(namesOf(hidden))}`;
};

const othersLine = (hidden: Hidden | null, own: readonly string[]): Mrkdwn | null => {
  const others = hidden?.fingerprints.filter((fingerprint) => !own.includes(fingerprint)).length ?? 0;
  if (others === 0) return null;
  return mrkdwn`⚠ *${others}* of them ${others === 1 ? 'is' : 'are'} not of this incident.`;
};

const untilLine = ({ startsAtMs, endsAtMs }: NewSilence, zone: string): Mrkdwn =>
  mrkdwn`Until ${raw(moment(endsAtMs, startsAtMs, zone))} (${span(endsAtMs - startsAtMs)})`;

/** What the silence would hide now, and until when; or what stands in its way. A reason that is not typed yet is no problem yet. */
export const silencePreview = ({ wanted, problems, hidden, own, timeZone }: SilencePreview): Block => {
  const wrong = problems.filter(({ field }) => field !== 'comment');
  const isTimed = Number.isFinite(wanted.endsAtMs) && wrong.every(({ field }) => field !== 'duration');
  const text = joined([
    ...wrong.map((problem) => mrkdwn`⚠ ${problem.text}`),
    wrong.some(({ field }) => field === 'matchers') ? null : joined([hiddenLine(hidden), othersLine(hidden, own)]),
    isTimed ? untilLine(wanted, timeZone) : null,
  ]);
  return { ...section(text), block_id: silenceBlocks.preview };
};

const mostShown = 10;
const longestShown = 80;
const longestComment = 500;

const matchersText = (matchers: readonly SilenceMatcher[]): Mrkdwn =>
  joined(
    [
      ...matchers
        .slice(0, mostShown)
        .map(({ name, value }) => mrkdwn`${middleCut(name, longestShown)} = ${middleCut(value, longestShown)}`),
      matchers.length > mostShown ? mrkdwn`${matchers.length - mostShown} more` : null,
    ],
    ', ',
  );

const message = (text: Mrkdwn): Message => ({ text, blocks: [section(text)] });

/** Told in the thread: who silenced what, until when and why, and what that hides now. `by` is a Slack user id. */
export const silencedNote = (by: string, silence: NewSilence, hidden: Hidden | null, zone: string): Message => {
  const { startsAtMs, endsAtMs, comment, matchers } = silence;
  return message(
    joined([
      mrkdwn`*Silenced* by ${raw(personTag(by))} until ${raw(moment(endsAtMs, startsAtMs, zone))} (${span(endsAtMs - startsAtMs)}): ${raw(untrusted(comment, longestComment))}`,
      mrkdwn`Alerts with ${raw(matchersText(matchers))}`,
      hiddenLine(hidden),
    ]),
  );
};

/** Told in the thread when a silence ends: by somebody, or because its time is over (`ended` null). */
export const silenceEndedNote = (silence: IncidentSilence, ended: Deed | null, zone: string): Message => {
  const of = mrkdwn`of ${raw(personTag(silence.by))} (${silence.comment})`;
  if (ended === null)
    return message(
      mrkdwn`*Silence over* since ${raw(moment(silence.endsAtMs, silence.atMs, zone))}: that ${raw(of)}. What still fires is told again.`,
    );
  const left = silence.endsAtMs - ended.atMs;
  const early = left >= 60_000 ? mrkdwn`, ${span(left)} before its time` : ours('');
  return message(
    mrkdwn`*Silence ended* by ${raw(personTag(ended.by))}${raw(early)}: that ${raw(of)}. What still fires is told again.`,
  );
};
