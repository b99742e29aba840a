import type { Dialect } from '../../domain/dialect.ts';
import { durationText } from '../../domain/duration.ts';
import { pinned } from '../../domain/promql/tree.ts';
import { equals, type Matcher, selector } from '../../domain/promql.ts';
import { type BurnPair, burnFactor, leastBad, pairsOf } from '../../domain/slo/burn-alerts.ts';
import { budgetPpm, objectiveText } from '../../domain/slo/objective.ts';
import { type RuleFile, type RuleGroup, templateText, type WrittenRule } from '../../domain/slo/rule-file.ts';
import { longestSeconds, windowText } from '../../domain/slo/window.ts';
import { sliText, subjectText } from '../../domain/slo/words.ts';
import { type Slo, type SloReporter, windowMark } from '../../domain/slo.ts';
import { percent } from '../../domain/words.ts';
import { matchersFor } from './family.ts';
import { readWhole } from './plan.ts';
import { ratioOver } from './ratio-query.ts';
import { slotSeconds } from './recorded.ts';
import { sumsOf } from './sums.ts';

/** The name of every alert: severity and objective are labels, which is what Alertmanager routes by. */
const burnAlertName = 'EdgewiseSloBurn';

const intervalSeconds = 60;
const million = 1_000_000;

/** Where the rules are evaluated: what the mesh prints there, and what chooses the cluster where several share one Prometheus. */
export type RulePlace = { readonly dialect: Dialect; readonly pins: readonly Matcher[] };

type Names = Readonly<Record<string, string>>;

const exact = (matchers: readonly Matcher[]): Names =>
  Object.fromEntries(matchers.filter(({ op }) => op === '=').map(({ label, value }) => [label, value]));

/** Linkerd's callee knows its caller by an identity of the mesh's trust domain, of which only the beginning is in the definition. */
const identityOf = ({ about }: Slo, { views }: Dialect, reporter: SloReporter): Names => {
  const label = (reporter === 'source' ? views.caller : views.callee).labels.sourceIdentity;
  const source = about.kind === 'edge' ? about.edge.source : null;
  return label === null || source?.workload == null || source.namespace === null
    ? {}
    : { [label]: `${source.workload}.${source.namespace}.serviceaccount.identity.linkerd.cluster.local` };
};

/** What an alert says of its edge or service, in the labels of the very series that are counted: by them it is found again. */
const labelsFor = (slo: Slo, { dialect, pins }: RulePlace): Names => {
  const { about, sli } = slo;
  const own = { ...exact(pins), slo: slo.name };
  if (about.kind === 'named') return { ...own, service: about.service };
  if (sli.kind !== 'availability' && sli.kind !== 'latency') return own;
  return { ...exact(matchersFor(slo, dialect, sli.reporter) ?? []), ...identityOf(slo, dialect, sli.reporter), ...own };
};

const lastName = (what: 'events' | 'bad_events' | 'error_ratio', seconds: number): string =>
  `edgewise_slo:${what}:last${durationText(seconds)}`;

const recorded = (slo: Slo, what: Parameters<typeof lastName>[0], seconds: number): string =>
  selector(lastName(what, seconds), [equals('slo', slo.name)]);

const ratioOf = (slo: Slo, seconds: number): string => {
  const [bad, all] = (['bad_events', 'events'] as const).map((what) => {
    const series = recorded(slo, what, slotSeconds);
    return seconds === slotSeconds ? series : `sum_over_time(${series}[${durationText(seconds)}])`;
  });
  return `clamp_max(${bad} / (${all} > 0), 1)`;
};

/** A ratio without its events: as its query takes a window of up to two hours, and the mean of what is recorded of it over longer ones. */
const givenRatio = (slo: Slo, errorRatio: string, seconds: number, pins: readonly Matcher[]): string =>
  seconds === slotSeconds || (errorRatio.includes(windowMark) && seconds <= Math.max(...readWhole))
    ? `(${pinned(ratioOver(errorRatio, seconds), pins)}) < +Inf`
    : `avg_over_time(${recorded(slo, 'error_ratio', slotSeconds)}[${durationText(seconds)}])`;

type Records = { readonly ok: true; readonly rules: readonly WrittenRule[] } | { readonly ok: false; readonly reason: string };

/**
 * Only events of five minutes are read from the mesh, every minute; longer windows are sums of those two series. A raw range of three days
 * reads every sample of every pod each time, which is where rules of objectives fail in real life (giantswarm/prometheus-rules#2123).
 * Nothing is recorded that is no number, so that a quiet hour (0/0) cannot make a NaN of the days around it (slok/sloth#133).
 */
const recordsOf = (slo: Slo, { dialect, pins }: RulePlace, windows: readonly number[], labels: Names): Records => {
  const record = (what: Parameters<typeof lastName>[0], seconds: number, expr: string): WrittenRule => ({
    record: lastName(what, seconds),
    expr,
    labels,
  });
  const { sli } = slo;
  if (sli.kind === 'ratio-query') {
    const ratio = (seconds: number): string => givenRatio(slo, sli.errorRatio, seconds, pins);
    return { ok: true, rules: windows.map((seconds) => record('error_ratio', seconds, ratio(seconds))) };
  }
  const found = sumsOf(slo, dialect, slotSeconds);
  if (!found.ok) return found;
  const { total, counted, badOf } = found.sums;
  const all = `sum(${recorded(slo, 'events', slotSeconds)})`;
  return {
    ok: true,
    rules: [
      record('events', slotSeconds, pinned(total, pins)),
      record('bad_events', slotSeconds, badOf(pinned(counted, pins), all)),
      ...windows.map((seconds) => record('error_ratio', seconds, ratioOf(slo, seconds))),
    ],
  };
};

/** Of float arithmetic only what was meant: 14.4, 0.001. */
const number = (value: number): string => `${Number(value.toPrecision(12))}`;

/** The share of bad events that a pair begins at. */
const shareOf = (slo: Slo, pair: BurnPair): number =>
  (burnFactor(pair, longestSeconds(slo.window)) * budgetPpm(slo.objectivePpm)) / million;

const windowsOf = ({ longSeconds, shortSeconds }: BurnPair): readonly [string, string] => [
  durationText(longSeconds),
  durationText(shortSeconds),
];

/** One pair as a condition whose value is the burn over its long window. */
const conditionOf = (slo: Slo, pair: BurnPair): string => {
  const burns = (seconds: number): string =>
    `${recorded(slo, 'error_ratio', seconds)} / ${number(budgetPpm(slo.objectivePpm) / million)} > ${number(burnFactor(pair, longestSeconds(slo.window)))}`;
  // Each event is in as many of the sums of five minutes as are recorded in five minutes.
  const enough = `sum_over_time(${recorded(slo, 'bad_events', slotSeconds)}[${windowsOf(pair)[0]}]) / ${slotSeconds / intervalSeconds} >= ${leastBad}`;
  const parts = [burns(pair.longSeconds), burns(pair.shortSeconds), ...(slo.sli.kind === 'ratio-query' ? [] : [enough])];
  return `(\n  ${parts.join('\n  and\n  ')}\n)`;
};

const pairText = (slo: Slo, pair: BurnPair): string => {
  const [long, short] = windowsOf(pair);
  const seconds = longestSeconds(slo.window);
  const factor = burnFactor(pair, seconds);
  const share = percent((factor * pair.longSeconds) / seconds);
  return `more than ${Number(factor.toPrecision(3))} over ${long} and over ${short} (${share} of the budget within ${long})`;
};

const alertOf = (slo: Slo, severity: BurnPair['severity'], pairs: readonly BurnPair[]): WrittenRule => {
  const guard = slo.sli.kind === 'ratio-query' ? '' : `, by at least ${leastBad} bad events`;
  const about = `${subjectText(slo.about)}: ${objectiveText(slo.objectivePpm)} over ${windowText(slo.window)} (${sliText(slo.sli)})`;
  return {
    alert: burnAlertName,
    // No `for`: the long window has waited already, and the short one ends the alert soon after the trouble (SRE Workbook, chapter 5).
    expr: pairs.map((pair) => conditionOf(slo, pair)).join('\nor\n'),
    labels: { severity, ...(slo.owner === null ? {} : { team: templateText(slo.owner) }) },
    annotations: {
      summary: `${templateText(slo.name)} burns its error budget {{ $value | printf "%.1f" }} times as fast as it may`,
      description: `${templateText(about)}. Fires at a burn of ${pairs.map((pair) => pairText(slo, pair)).join(', or of ')}${guard}.`,
    },
  };
};

const severities: readonly BurnPair['severity'][] = ['page', 'warning'];

/** Of these a YAML of some age makes line breaks or nothing, where PromQL has a character of a value. */
const unwritable = /[^\P{Cc}\n\t]|[\p{Cs}\p{Zl}\p{Zp}\ufeff\ufffe\uffff]/u;

const textsOf = (rule: WrittenRule): readonly string[] => [
  rule.expr,
  ...Object.values({ ...rule.labels, ...('alert' in rule ? rule.annotations : {}) }),
];

const groupOf = (slo: Slo, place: RulePlace, pairs: readonly BurnPair[]): RuleGroup | { readonly reason: string } => {
  if (pairs.length === 0) return { reason: 'its budget is so large that not even an outage burns it fast' };
  const windows = [slotSeconds, ...pairs.flatMap(({ longSeconds, shortSeconds }) => [longSeconds, shortSeconds])];
  const found = recordsOf(
    slo,
    place,
    [...new Set(windows)].sort((a, b) => a - b),
    labelsFor(slo, place),
  );
  if (!found.ok) return found;
  const alerts = severities.flatMap((severity) => {
    const own = pairs.filter((pair) => pair.severity === severity);
    return own.length === 0 ? [] : [alertOf(slo, severity, own)];
  });
  const rules = [...found.rules, ...alerts];
  return rules.flatMap(textsOf).some((text) => unwritable.test(text))
    ? { reason: 'a name or a query of it holds a character that a YAML file cannot' }
    : { name: `edgewise-slo-${slo.name}`, interval: durationText(intervalSeconds), rules };
};

/** Rules that record the burn of these objectives and call when it is too fast. Each is there, or refused by name. */
export const burnRules = (slos: readonly Slo[], place: RulePlace): RuleFile => {
  const made = slos.map((slo) => {
    const all = pairsOf(longestSeconds(slo.window));
    // Not even if everything fails: 14.4 times a budget of 10 % is more than all there is.
    const [never, pairs] = [all.filter((pair) => shareOf(slo, pair) >= 1), all.filter((pair) => shareOf(slo, pair) < 1)];
    return { name: slo.name, group: groupOf(slo, place, pairs), never: pairs.length === 0 ? [] : never };
  });
  return {
    groups: made.flatMap(({ group }) => ('rules' in group ? [group] : [])),
    refused: made.flatMap(({ name, group }) => ('reason' in group ? [{ name, reason: group.reason }] : [])),
    notices: made.flatMap(({ name, never }) =>
      never.map((pair) => ({
        name,
        text: `no alert over ${windowsOf(pair).join(' and ')}: its budget is so large that not even an outage burns it that fast`,
      })),
    ),
  };
};
