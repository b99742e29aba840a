import { calleeName, callerName, type Edge, type EdgeEnd } from '../edge.ts';
import { type EpochMs, hourMs, type Window } from '../time.ts';
import type { SloHour, SloReading, Spent } from './reading.ts';

/** An incident of ours, as far as a digest speaks of it. */
export type PastIncident = {
  readonly id: string;
  readonly title: string;
  readonly edge: Edge | null;
  readonly openedAtMs: EpochMs;
  /** Null: still open. */
  readonly closedAtMs: EpochMs | null;
};

/** What spent the budget: calls of one caller that ended alike. */
export type Spender = {
  readonly caller: EdgeEnd | null;
  readonly ending: string;
  /** The one version of several that answered (nearly) all of them; null: no single one, there is but one at all, or not told apart. */
  readonly version: string | null;
  readonly bad: number;
  /** Of all bad events of the window, 0–1. */
  readonly share: number;
  /** The hours in a row that hold most of it; null: it is spread. */
  readonly mostly: Window | null;
  /** Incidents of ours about the same callee that were open then. */
  readonly incidents: readonly PastIncident[];
};

/** Most of it: what is left over is no part of the story. */
const mostShare = 0.8;
const nearlyAll = 0.9;

const groupKey = ({ caller, ending }: Pick<Spent, 'caller' | 'ending'>): string => JSON.stringify([caller, ending]);

/** A run of hours is a story of its own only where it is short beside the window. */
const longestRun = 48;

/** The shortest run of hours in a row that holds most of a sum; null where that takes more than two days. */
export const mostlyIn = (hours: readonly { readonly startMs: EpochMs; readonly bad: number }[]): Window | null => {
  const wanted = mostShare * hours.reduce((sum, { bad }) => sum + bad, 0);
  if (wanted <= 0) return null;
  let best: { readonly from: number; readonly to: number } | null = null;
  let [from, sum] = [0, 0];
  for (const [to, { bad }] of hours.entries()) {
    sum += bad;
    while (sum - (hours[from]?.bad ?? 0) >= wanted) {
      sum -= hours[from]?.bad ?? 0;
      from += 1;
    }
    if (sum >= wanted && (best === null || to - from < best.to - best.from)) best = { from, to };
  }
  const [first, last] = [hours[best?.from ?? -1], hours[best?.to ?? -1]];
  if (best === null || first === undefined || last === undefined || best.to - best.from >= longestRun) return null;
  return { startMs: first.startMs, endMs: Math.floor(last.startMs / hourMs) * hourMs + hourMs };
};

const isAbout = (incident: PastIncident, { slo }: SloReading): boolean => {
  const { about } = slo;
  if (incident.edge === null || about.kind === 'named') return false;
  const callee = about.kind === 'service' ? about.callee : about.edge.destination;
  const { namespace } = incident.edge.destination;
  const isSame = calleeName(incident.edge) === (callee.service ?? callee.workload);
  return isSame && (namespace === null || callee.namespace === null || namespace === callee.namespace);
};

const overlaps = ({ openedAtMs, closedAtMs }: PastIncident, { startMs, endMs }: Window): boolean =>
  openedAtMs < endMs && (closedAtMs ?? Number.POSITIVE_INFINITY) > startMs;

const badOf = ({ spent }: SloHour, key: string): number =>
  spent.reduce((sum, one) => sum + (groupKey(one) === key ? one.bad : 0), 0);

const oneVersion = (alike: readonly Spent[], bad: number): string | null => {
  const sums = new Map<string | null, number>();
  for (const { version, bad: part } of alike) sums.set(version, (sums.get(version) ?? 0) + part);
  return [...sums].find(([, part]) => part >= nearlyAll * bad)?.[0] ?? null;
};

/** What spent most of the budget of a reading, the most first, with the incidents that fell in it. */
export const spendersOf = (reading: SloReading, incidents: readonly PastIncident[], most = 3): readonly Spender[] => {
  const groups = new Map<string, Spent[]>();
  for (const one of reading.hours.flatMap(({ spent }) => spent)) {
    const key = groupKey(one);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const sumOf = (alike: readonly Spent[]): number => alike.reduce((sum, { bad }) => sum + bad, 0);
  const all = [...groups.values()].reduce((sum, alike) => sum + sumOf(alike), 0);
  const isLone = new Set(reading.hours.flatMap(({ versions = [] }) => versions)).size === 1;
  return [...groups]
    .map(([key, alike]) => ({ key, alike, bad: sumOf(alike) }))
    .sort((a, b) => b.bad - a.bad || (a.key < b.key ? -1 : 1))
    .slice(0, most)
    .flatMap(({ key, alike, bad }) => {
      const [first] = alike;
      if (first === undefined) return [];
      const mostly = mostlyIn(reading.hours.map((hour) => ({ startMs: hour.startMs, bad: badOf(hour, key) })));
      const fell = incidents.filter((incident) => isAbout(incident, reading) && overlaps(incident, mostly ?? reading.period));
      const { caller, ending } = first;
      return [
        {
          caller,
          ending,
          version: isLone ? null : oneVersion(alike, bad),
          bad,
          share: bad / all,
          mostly,
          incidents: mostly === null ? [] : fell,
        },
      ];
    });
};

/** One dimension of what was spent: by caller, ending, version or hour, the most first. */
type SpentPart = { readonly name: string; readonly bad: number; readonly share: number };

const nameOf: Readonly<Record<'caller' | 'ending' | 'version', (spent: Spent) => string>> = {
  caller: ({ caller }) =>
    caller === null ? 'unknown caller' : callerName({ cluster: null, source: caller, destination: caller }),
  ending: ({ ending }) => ending,
  version: ({ version }) => version ?? 'unknown version',
};

/** What was spent by each caller, ending or version. */
export const spentBy = ({ hours }: SloReading, dimension: 'caller' | 'ending' | 'version'): readonly SpentPart[] => {
  const sums = new Map<string, number>();
  for (const one of hours.flatMap(({ spent }) => spent)) {
    const name = nameOf[dimension](one);
    sums.set(name, (sums.get(name) ?? 0) + one.bad);
  }
  const all = [...sums.values()].reduce((sum, bad) => sum + bad, 0);
  return [...sums]
    .map(([name, bad]) => ({ name, bad, share: bad / all }))
    .sort((a, b) => b.bad - a.bad || (a.name < b.name ? -1 : 1));
};
