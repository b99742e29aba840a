import { edgeTitle } from '../../../domain/edge.ts';
import { quantile } from '../../../domain/histogram.ts';
import { judgeEdge } from '../../../domain/judgement.ts';
import { meanSeconds } from '../../../domain/mean.ts';
import type { EdgeReading, ReporterReading } from '../../../domain/signals.ts';
import { isSameService } from '../../../domain/span-workload.ts';
import type { PathPart } from '../../../domain/trace.ts';
import { workWords } from '../../../domain/trace-words.ts';
import { isSlower } from '../../../domain/walk.ts';
import { percent, took } from '../../../domain/words.ts';
import { usualMostSeconds } from '../latency.ts';
import type { Scene } from '../scene.ts';
import { type Told, tells, withLine } from './told.ts';
import { countedBelow, type Stand, standOf, unlessMissing, type Worst, worstOf } from './worst.ts';

/** A request that took no longer than so many times its usual explains no slowness. */
const leastSlowness = 1.1;
/** What takes so many times its usual time has grown. */
const leastGrowth = 2;
/** Of the whole request: with less nobody is named in place of whom metrics name. */
const leastShare = 0.4;

/** The worst request of an edge that is slow, its culprit, and where that stands. */
export type Slowest = { readonly worst: Worst; readonly part: PathPart; readonly stand: Stand };

/** What the alert's edge is timed by, whose request it is. */
const timedAt = ({ top: { reading } }: Scene): ReporterReading | null => reading.caller ?? reading.callee;

/** By normal traces; where there are too few, by what metrics say that the edge takes at most as a rule. */
export const isSlowRequest = (scene: Scene, { focus, analysis: { usualMicros } }: Worst): boolean => {
  if (usualMicros !== null) return focus.durationMicros > leastSlowness * usualMicros;
  const most = usualMostSeconds(timedAt(scene));
  return most === null || focus.durationMicros > most * 1e6;
};

/** Null where no request was slow, none has one culprit, or nobody but the callee that is named in any case is waited for. */
export const slowestOf = (scene: Scene): Slowest | null => {
  const worst = worstOf(scene);
  const part = worst?.analysis.culprit ?? null;
  if (worst === null || part === null || !isSlowRequest(scene, worst)) return null;
  const stand = standOf(scene, worst, part);
  return part.time === 'peer' && stand.kind === 'callee' && !scene.isBelow ? null : { worst, part, stand };
};

/** A request that takes many times what nearly all of the slow ones take now is one of its own kind. */
const isOneOfThem = (scene: Scene, { focus }: Worst): boolean => {
  const reading = timedAt(scene);
  const p99 = reading?.latency ? quantile(0.99, reading.latency.now) : null;
  if (p99?.atLeast === true) return true;
  const mean = reading?.duration ? meanSeconds(reading.duration.now) : 0;
  const most = p99 !== null ? 3 * p99.seconds : 10 * mean;
  return most <= 0 || focus.durationMicros <= most * 1e6;
};

/**
 * Whether the side to blame may follow the trace. Metrics have proven that the edge is slow, so one request may say by whom, where its culprit
 * has grown: beyond its own time in normal traces, or alone beyond what the whole edge takes as a rule. A part that always takes most of the
 * request explains no news. How many other requests it explains nobody has counted: such a finding is likely at most (`atMostLikely`).
 */
export const mayBlame = (scene: Scene, { worst, part }: Slowest): boolean => {
  const { selfMicros, usualMicros, share } = part;
  const usual = usualMostSeconds(timedAt(scene));
  const hasGrown = usualMicros !== null ? selfMicros >= leastGrowth * usualMicros : usual !== null && selfMicros > usual * 1e6;
  return share >= leastShare && hasGrown && !worst.mayBeIncomplete && isOneOfThem(scene, worst);
};

/** Whether time that a service seems to spend itself may be that of its calls: they are in traces of their own. */
const hidesItsCalls = ({ evidence }: Scene, { worst, part }: Slowest): boolean => {
  const told = evidence.tracing?.ok === true ? evidence.tracing.value.propagation : [];
  const own = worst.trace.spans[part.spans[0] ?? -1]?.service ?? '';
  return told.some(
    ({ service, told: { verdict } }) => (verdict === 'drops' || verdict === 'some paths') && isSameService(service, own),
  );
};

const whereWords = (scene: Scene, slowest: Slowest): string => {
  const { worst, part } = slowest;
  const { voice, trace } = worst;
  const { service, time, way } = part;
  const last = way.at(-1) ?? service;
  if (time === 'own')
    return `in ${voice.name(service)}, ${workWords(trace, part, voice)}${hidesItsCalls(scene, slowest) ? ', or in what it calls without handing trace headers on' : ''}`;
  if (time === 'between')
    return last === service
      ? `between ${voice.name(service)} and its own proxy`
      : `on the way from ${voice.name(way.at(-2) ?? service)} to ${voice.name(last)} (network, proxies, queues)`;
  return `waiting for ${service === 'unknown' ? 'somebody without spans' : voice.name(service)}, ${workWords(trace, part, voice)}`;
};

/** "3.6 s of 4.2 s in ratings, GET /ratings/0" */
const spentWords = (scene: Scene, slowest: Slowest): string => {
  const { worst, part } = slowest;
  const { usualMicros } = part;
  const usually = usualMicros === null ? '' : ` (usually ${usualMicros === 0 ? 'none' : took(usualMicros)})`;
  return `${took(part.selfMicros)}${usually} of ${took(worst.focus.durationMicros)} ${whereWords(scene, slowest)}`;
};

/** What metrics count of the callee's call that leads to the culprit below; null where they count none, or it is not below. */
const countedAt = (scene: Scene, { stand }: Slowest): EdgeReading | null =>
  stand.kind === 'below' ? countedBelow(scene, stand.hop) : null;

/** The culprit is below the callee, with somebody whose calls nobody counts: a trace alone can tell of it. */
export const isUncounted = (scene: Scene, slowest: Slowest): boolean =>
  slowest.stand.kind === 'below' && slowest.stand.hop.length > 0 && countedAt(scene, slowest) === null;

/** That it bears out what metrics say, and no more: whose time it was stands in the message's line of that trace. */
const agreement = ({ worst, part }: Slowest): string =>
  `the ${worst.which} traced request says so too: ${percent(part.share)} of its time${unlessMissing(worst)}`;

/** What the request says beside metrics, in one line; where it says something else than they do, it says so. */
export const withSlowest = (scene: Scene, evidence: readonly string[], slowest: Slowest, agrees: boolean): Told => {
  const { worst, stand, part } = slowest;
  const known = countedAt(scene, slowest);
  const isDenied = known !== null && !isSlower(judgeEdge(known, 'near'));
  const isNamed = stand.kind === 'callee' && part.time === 'own';
  if (agrees && !isDenied && isNamed && !hidesItsCalls(scene, slowest))
    return { evidence: withLine(evidence, agreement(slowest)) };
  const against = isDenied ? `, which metrics of ${edgeTitle(known.edge)} do not show` : '';
  const verb = agrees && !isDenied ? 'spent' : 'differs: it spent';
  const line = `the ${worst.which} traced request ${verb} ${spentWords(scene, slowest)}${against}${unlessMissing(worst)}`;
  return tells(evidence, line, 'time');
};
