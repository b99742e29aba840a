import { calleeName, callerName, type EdgeEnd } from '../../domain/edge.ts';
import { attainedText, objectiveText } from '../../domain/slo/objective.ts';
import type { BurnWindow, SloMethod, SloReading, Weighing } from '../../domain/slo/reading.ts';
import type { Spender } from '../../domain/slo/spenders.ts';
import type { SloStanding, SloState } from '../../domain/slo/standing.ts';
import { windowText } from '../../domain/slo/window.ts';
import type { BadRequests } from '../../domain/slo.ts';
import type { EpochMs, Window } from '../../domain/time.ts';
import { count, counted, percent, seconds } from '../../domain/words.ts';
import { dayAndTime, dayText, span } from './dates.ts';

/** Signs of how an objective stands; the word stands beside it always. */
export const sloSign: Readonly<Record<SloState, string>> = {
  breached: '🔴',
  'at-risk': '🟠',
  healthy: '✅',
  'no-traffic': '⚪',
  'insufficient-data': '⚪',
};

const cells = 10;

/** What is left of a budget as a bar: each sign a tenth; overspent, it is empty. The number stands beside it always. */
export const budgetBar = (left: number): string => {
  const full = Math.max(0, Math.min(cells, Math.round(left * cells)));
  return '▰'.repeat(full) + '▱'.repeat(cells - full);
};

/** "37 % left", "overspent by 31 %". */
export const leftText = (left: number): string => (left < 0 ? `overspent by ${percent(-left)}` : `${percent(left)} left`);

/** "99.937 % of 99.9 %": attained, and what was to be. */
export const attainmentText = ({ whole, slo }: SloReading): string =>
  whole === null
    ? `objective ${objectiveText(slo.objectivePpm)}`
    : `${attainedText(whole.ratio, slo.objectivePpm)} of ${objectiveText(slo.objectivePpm)}`;

/** "2.1×" */
export const burnText = (burn: number): string => `${Number(burn.toFixed(burn >= 10 ? 0 : 1))}×`;

const windowWords: Readonly<Record<BurnWindow, string>> = {
  300: '5 min',
  1800: '30 min',
  3600: '1 h',
  7200: '2 h',
  21600: '6 h',
  86400: '1 d',
  259200: '3 d',
};
export const burnWindowText = (window: BurnWindow): string => windowWords[window];

/** "a", "a and b", "a, b and c" */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** "burns 2.1× over 1 h and 6 h, 1.4× over 3 d"; null where nothing burns worth a word. Windows that burn alike are named together. */
export const burnsText = ({ burn }: Pick<SloStanding, 'burn'>, windows: readonly BurnWindow[]): string | null => {
  const alike = new Map<string, string[]>();
  for (const window of windows) {
    const value = burn.get(window);
    if (value === undefined || value < 0.05) continue;
    const text = burnText(value);
    alike.set(text, [...(alike.get(text) ?? []), burnWindowText(window)]);
  }
  const said = [...alike].map(([text, names]) => `${text} over ${listed(names)}`);
  return said.length === 0 ? null : `burns ${said.join('; ')}`;
};

const allowedOf = (bad: number, badLeft: number): number => Math.max(0, badLeft + bad);

/** "1,312 of 1,000,000 requests bad, 1,000 allowed"; null where events are not known. */
export const eventsText = ({ whole }: SloReading, { badLeft }: SloStanding): string | null => {
  const events = whole?.events;
  if (events == null || badLeft === null) return null;
  return `${count(events.bad)} of ${counted(events.total, 'request')} bad, ${count(allowedOf(events.bad, badLeft))} allowed`;
};

/** "1,312 bad, 1,000 allowed", where the requests themselves stand elsewhere. */
export const badAllowedText = ({ whole }: SloReading, { badLeft }: SloStanding): string | null => {
  const events = whole?.events;
  return events == null || badLeft === null ? null : `${count(events.bad)} bad, ${count(allowedOf(events.bad, badLeft))} allowed`;
};

/** "at this pace gone in 1 d 5 h (Sun 29 Nov 14:00)" */
export const exhaustionText = ({ exhaustedAtMs }: SloStanding, atMs: EpochMs, zone: string): string | null =>
  exhaustedAtMs === null ? null : `at this pace gone in ${span(exhaustedAtMs - atMs)} (${dayAndTime(exhaustedAtMs, zone)})`;

const endName = (end: EdgeEnd): string => callerName({ cluster: null, source: end, destination: end });

const calleeOf = ({ slo }: SloReading): string => {
  const { about } = slo;
  if (about.kind === 'named') return about.service;
  const destination = about.kind === 'service' ? about.callee : about.edge.destination;
  return calleeName({ cluster: null, source: destination, destination });
};

/** "Wed 18 Nov 12:00–13:00", "Wed 18 Nov 23:00 – Thu 19 Nov 02:00": hours of a zone. */
const whenText = ({ startMs, endMs }: Window, zone: string): string => {
  const [from, to] = [dayAndTime(startMs, zone), dayAndTime(endMs, zone)];
  const isSameDay = dayText(startMs, zone) === dayText(endMs, zone);
  return isSameDay ? `${from}–${to.slice(-5)}` : `${from} – ${to}`;
};

/** "checkout → payments (88 %): 503 UF by v2, mostly Wed 18 Nov 12:00–13:00" */
export const spenderText = ({ caller, ending, version, share, mostly }: Spender, reading: SloReading, zone: string): string => {
  const who = caller === null ? calleeOf(reading) : `${endName(caller)} → ${calleeOf(reading)}`;
  const how = version === null ? ending : `${ending} by ${version}`;
  const when = mostly === null ? 'all over the window' : `mostly ${whenText(mostly, zone)}`;
  return `${who} (${percent(share)}): ${how}, ${when}`;
};

const badWords: Readonly<Record<BadRequests, string>> = {
  failed: 'bad = failed (5xx, gRPC 2 4 8 12–15, or cut off)',
  'failed-and-refused': 'bad = failed or refused',
  'non-2xx': 'bad = anything but 2xx (of gRPC: but OK)',
};

/** What counts as bad, as its definition says. */
export const badText = ({ slo: { sli } }: SloReading): string => {
  if (sli.kind === 'availability') return badWords[sli.bad];
  if (sli.kind === 'latency') return `bad = slower than ${seconds(sli.thresholdSeconds)}`;
  return 'bad = as its file counts it';
};

const weighingWords: Readonly<Record<Weighing, string>> = {
  events: 'by events',
  'nearly-events': 'nearly by events',
  time: 'by time (every 5 min weigh the same)',
  'not-known': 'by a rule that could not be read',
};

const methodWords = (method: SloMethod): string => {
  if (method.kind === 'counted') return 'counted hour by hour';
  const how = weighingWords[method.weighs];
  return method.kind === 'asked' ? `asked over the whole window, ${how}` : `recorded by ${method.by}, ${how}`;
};

/** "counted hour by hour, by the callee's proxies, over 30 d": how the figures were come by. */
export const methodText = ({ method, reporter, slo, dropped }: SloReading): string => {
  const who = reporter === null ? '' : `, by the ${reporter === 'destination' ? "callee's" : "callers'"} proxies`;
  const without =
    dropped === undefined ? '' : `, ${count(dropped.slots)} of ${counted(dropped.of, 'slot')} without a value left out`;
  return `${methodWords(method)}${who}, over ${windowText(slo.window)}${without}`;
};

/** Why an objective is not judged. */
export const notJudgedText = ({ gaps, coverage, slo }: SloReading, { state }: SloStanding): string => {
  const [gap] = gaps;
  if (state === 'no-traffic') return 'no request in its window';
  if (gap !== undefined) return `${gap.source} ${gap.detail}`;
  return coverage === 0 ? 'nothing was scraped' : `${percent(coverage)} of ${windowText(slo.window)} was scraped`;
};
