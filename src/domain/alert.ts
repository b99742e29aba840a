import type { EpochMs } from './time.ts';

/**
 * Label (or annotation) names and values as they came, untrusted. Built only by `labelsOf`, on an object without
 * prototype, so a label called `__proto__` or `constructor` is a label like any other.
 */
export type Labels = Readonly<Record<string, string>>;

/** Builds labels from pairs; the last of two equal names wins. */
export const labelsOf = (pairs: Iterable<readonly [string, string]>): Labels => {
  const labels = Object.create(null) as Record<string, string>;
  for (const [name, value] of pairs) {
    Object.defineProperty(labels, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return labels;
};

/** The label's value; an absent label and an empty one are the same thing, as in Prometheus. */
export const labelOf = (labels: Labels, name: string): string | null =>
  Object.hasOwn(labels, name) && labels[name] !== '' ? (labels[name] ?? null) : null;

/** One alert of a webhook delivery. Its identity is `fingerprint`, its episode `fingerprint` + `startsAtMs`. */
export type Alert = {
  readonly fingerprint: string;
  /** The truth about the alert; `endsAtMs` may lie in the future while it fires. */
  readonly status: 'firing' | 'resolved';
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: EpochMs;
  /** Null for Alertmanager's zero time (0001-01-01). */
  readonly endsAtMs: EpochMs | null;
  /** Text only: never fetched, linked only on an allowlist. May be relative, hostless or empty. */
  readonly generatorUrl: string;
};

/** One webhook delivery: a group as Alertmanager saw it at one flush. No identity of its own: bodies repeat. */
export type AlertGroup = {
  readonly receiver: string;
  /** Of the kept alerts only when `truncatedAlerts` > 0: then it must never close anything. */
  readonly status: 'firing' | 'resolved';
  /** Stable per route and group labels, until somebody edits the routing tree. */
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  /** Labels of the route; since Alertmanager 0.34, else empty. */
  readonly routeLabels: Labels;
  /** Differs per HA peer; no identity. */
  readonly externalUrl: string;
  readonly truncatedAlerts: number;
  /** Since Alertmanager 0.33, else null. */
  readonly notificationReason: string | null;
  readonly alerts: readonly Alert[];
};

/** How loud an alert is. Real rules say many words; these four are what the bot acts on. */
export type Severity = 'page' | 'warning' | 'info' | 'none';

const severityWords: ReadonlyMap<string, Severity> = new Map([
  ...['page', 'critical', 'emergency', 'fatal', 'disaster', 'high', 'p1', 'p0', 'sev1', 'error'].map(
    (word) => [word, 'page'] as const,
  ),
  ...['info', 'informational', 'notice', 'notify', 'low', 'p4', 'p5'].map((word) => [word, 'info'] as const),
  ['none', 'none'],
]);

/** Severity from the labels `severity` or `sloth_severity`; anything unknown or missing is a warning, as most public rules mean it. */
export const severityOf = (labels: Labels): Severity => {
  const word = (labelOf(labels, 'severity') ?? labelOf(labels, 'sloth_severity') ?? 'warning').toLowerCase();
  return severityWords.get(word) ?? 'warning';
};

/** Louder first. */
export const severityRank: Readonly<Record<Severity, number>> = { page: 3, warning: 2, info: 1, none: 0 };

/** What a recording rule records, under which labels of its own. */
export type RecordingRule = { readonly name: string; readonly expression: string; readonly labels: Labels };

/** The alert rule behind an alert, as the rules API or the generator URL tells it. */
export type AlertRule = {
  readonly name: string;
  /** PromQL with its threshold. Untrusted text. */
  readonly expression: string;
  /** The rule's `for`; null when the text came from a URL. */
  readonly forSeconds: number | null;
  /** Static labels of the rule: never usable as series matchers. */
  readonly labels: Labels;
};

/** Whether the rule sets the label itself: `x: "{{ $labels.x }}"` only repeats what the series carry. */
export const setsLabel = (rule: Labels, name: string): boolean => {
  const value = labelOf(rule, name);
  return value !== null && value.replaceAll(/[\s-]/g, '') !== `{{$labels.${name}}}`;
};

/** A rule as a rules API lists it; vmalert numbers its groups, and names an alert's rule by that number only. */
export type ListedRule = AlertRule & { readonly groupId: string | null };
