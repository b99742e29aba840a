import type { SignalLine } from '../../domain/diagnosis.ts';
import type { Evidence } from '../../domain/evidence.ts';
import { type Quantile, quantile } from '../../domain/histogram.ts';
import { type EdgeJudgement, leading, type ReporterJudgement } from '../../domain/judgement.ts';
import { pastShares } from '../../domain/sick-past.ts';
import type { EdgeReading } from '../../domain/signals.ts';
import { isTcp, nounOf } from '../../domain/tcp.ts';
import { lengthSeconds } from '../../domain/time.ts';
import { isSlower } from '../../domain/walk.ts';
import { counted, factor, percent, rate, share } from '../../domain/words.ts';
import { latencyText, usualLatencyText, usualP99 } from './latency.ts';

const blank = { usual: null, change: null, why: null, value: null, usualValue: null } as const;

const noSeries = 'this edge has no series: not scraped, or never called';

const middle = (values: readonly number[]): number | null => [...values].sort((a, b) => a - b)[values.length >> 1] ?? null;

/** More than usual, and yet not called elevated: neither moved nor as usual. */
export const isUnproven = ({ x, ratio, line, hasPast, isElevated }: ReporterJudgement['errors']): boolean =>
  hasPast && !isElevated && x >= 5 && ratio >= line;

export const whyUnproven = ({ shut }: ReporterJudgement['errors']): string =>
  shut.includes('halves')
    ? 'only in a part of this window, so it has just begun or is over'
    : "not beyond what chance and this edge's own past explain";

/** More than usual, and so few that nobody can tell. */
const isTooFew = ({ x, ratio, line, hasPast, isElevated }: ReporterJudgement['errors']): boolean =>
  hasPast && !isElevated && x > 0 && x < 5 && ratio >= line;

/** The share that failed before, where that past is no yardstick; null where none is known. */
export const failedBefore = ({ sickPast, caller, callee }: EdgeReading): number | null => {
  const side = caller ?? callee;
  return sickPast === undefined || side === null ? null : pastShares(side).failed;
};

const errors = (judged: EdgeJudgement): SignalLine => {
  const side = leading(judged);
  const noun = nounOf(judged.reading);
  if (side === null) return { ...blank, signal: 'errors', moved: null, now: 'no series', why: noSeries };
  if (side.errors.n === 0)
    return { ...blank, signal: 'errors', moved: null, now: `no ${noun}s`, why: `no ${noun}s in this window` };
  const { n, x, ratio, usual, hasPast, isElevated } = side.errors;
  const isFew = isTooFew(side.errors);
  const isUnclear = isFew || isUnproven(side.errors);
  const known = hasPast ? usual : failedBefore(judged.reading);
  const refused = side.refused.isElevated ? `, ${share(side.refused.x, n, noun)} refused` : '';
  const left = side.left.isElevated ? `, ${share(side.left.x, n, noun)} left by the client` : '';
  return {
    signal: 'errors',
    moved: isElevated || side.refused.isElevated || side.left.isElevated ? true : isUnclear ? null : false,
    now: `${share(x, n, noun)}${refused}${left}`,
    usual: known === null ? null : percent(known),
    change: isElevated && usual > 0.0001 ? factor(ratio / usual) : null,
    why: isUnclear
      ? `usually ${percent(usual)}; ${isFew ? 'too few to judge' : whyUnproven(side.errors)}`
      : known === null
        ? 'no history of this edge'
        : null,
    value: ratio,
    usualValue: known,
  };
};

/** How many times the usual p99: of the two figures that are shown beside it, so that a reader who divides them gets the same. */
const slower = (now: Quantile | null, usual: Quantile | null): string | null => {
  if (now === null || usual === null || usual.atLeast || !(now.seconds > usual.seconds * 1.05)) return null;
  return `${now.atLeast ? '≥ ' : ''}${factor(now.seconds / usual.seconds)}`;
};

const latency = (judged: EdgeJudgement): SignalLine => {
  const reading = judged.reading.caller ?? judged.reading.callee;
  const now = latencyText(reading);
  const requests = reading?.counts.now.requests ?? 0;
  if (reading === null || now === null)
    return {
      ...blank,
      signal: 'latency',
      moved: null,
      now: 'not known',
      why: isTcp(judged.reading) ? 'connections have none' : 'no latency histogram of this edge',
    };
  if (requests < 20) return { ...blank, signal: 'latency', moved: false, now: `${now} of ${Math.round(requests)} requests` };
  const judgement = leading(judged)?.latency ?? null;
  const moved = judgement === null ? isSlower(judged) : judgement.isElevated || isSlower(judged);
  const p99 = reading.latency === null ? null : quantile(0.99, reading.latency.now);
  const usual = usualP99(reading);
  return {
    signal: 'latency',
    moved,
    now,
    usual: usualLatencyText(reading),
    change: moved ? slower(p99, usual) : null,
    why: null,
    value: p99?.seconds ?? null,
    usualValue: p99 === null ? null : (usual?.seconds ?? null),
  };
};

const traffic = (judged: EdgeJudgement, windowSeconds: number): SignalLine => {
  const side = leading(judged);
  const counts = (judged.reading.caller ?? judged.reading.callee)?.counts;
  if (side === null || !counts)
    return {
      ...blank,
      signal: 'traffic',
      moved: null,
      now: 'no series',
      why: noSeries,
    };
  const usual = middle(
    [...counts.local, ...counts.base.map(({ value }) => value)].map(({ requests }) => requests / windowSeconds),
  );
  const now = counts.now.requests / windowSeconds;
  const moved = side.traffic === 'unknown' ? null : side.traffic !== 'as usual';
  return {
    signal: 'traffic',
    moved,
    now: counts.now.requests < 20 ? counted(counts.now.requests, nounOf(judged.reading)) : rate(now),
    usual: usual === null ? null : rate(usual),
    change: moved === true && usual !== null && usual > 0 ? factor(now / usual) : null,
    why: moved === null ? 'too little history' : null,
    value: now,
    usualValue: usual,
  };
};

const saturation = ({ saturation: seen }: Evidence): SignalLine => {
  if (!seen.ok || seen.value === null)
    return {
      ...blank,
      signal: 'saturation',
      moved: null,
      now: 'not known',
      why: seen.ok ? 'neither proxy statistics nor container metrics of it' : 'could not be read',
    };
  const { of, ratio, value, unit, usual, kind } = seen.value;
  const text = (amount: number): string =>
    unit === 'ratio' ? percent(amount) : unit === 'requests/s' ? rate(amount) : `${Number(amount.toPrecision(3))} ${unit}`;
  const now = ratio ?? value;
  const moved =
    kind === 'overflow-flag'
      ? value > 0
      : ratio !== null
        ? ratio >= 0.9 && (usual === null || ratio >= usual * 1.2)
        : usual !== null && usual > 0 && value >= 3 * usual;
  return {
    signal: 'saturation',
    moved,
    now: `${of} ${text(now)}`,
    usual: usual === null ? null : text(usual),
    change: null,
    why: null,
    value: now,
    usualValue: usual,
  };
};

/** The four golden signals as lines: what moved, and what did not. */
export const signalLines = (evidence: Evidence, judged: EdgeJudgement): readonly SignalLine[] => [
  errors(judged),
  latency(judged),
  traffic(judged, lengthSeconds(evidence.window)),
  saturation(evidence),
];
