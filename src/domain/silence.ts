import { type Labels, labelOf } from './alert.ts';
import { durationText } from './duration.ts';
import type { Edge } from './edge.ts';
import { edgeLabels, isNarrowing, isVolatile } from './silence-labels.ts';
import type { EpochMs } from './time.ts';
import { middleCut } from './words.ts';

export { durationText, secondsOfDuration } from './duration.ts';

/** Equality only: a silence made here never hides more than it names. */
export type SilenceMatcher = { readonly name: string; readonly value: string };

/** A silence that is wanted; `createdBy` is `slack:U…`. */
export type NewSilence = {
  readonly matchers: readonly SilenceMatcher[];
  readonly startsAtMs: EpochMs;
  readonly endsAtMs: EpochMs;
  readonly createdBy: string;
  readonly comment: string;
};

/** A silence as Alertmanager has it, whoever made it. */
export type Silence = {
  readonly id: string;
  readonly state: 'active' | 'pending' | 'expired';
  readonly startsAtMs: EpochMs;
  readonly endsAtMs: EpochMs;
  readonly createdBy: string;
  readonly comment: string;
  /** As Alertmanager writes them, regular expressions and negations among them: `alertname="X"`. */
  readonly matchers: readonly string[];
};

/** What people may silence from here; from configuration. */
export type SilenceLimits = { readonly isAllowed: boolean; readonly mostSeconds: number };

/** Labels of an alert that lives in Alertmanager now: what a preview counts. */
export type LivingAlert = { readonly fingerprint: string; readonly labels: Labels; readonly isSilenced: boolean };

/** A matcher that is offered, and whether it is chosen to begin with. */
export type ProposedMatcher = SilenceMatcher & { readonly isChosen: boolean };

const sharedLabels = (alerts: readonly { readonly labels: Labels }[]): ReadonlyMap<string, string> => {
  const [first, ...others] = alerts;
  return new Map(
    Object.entries(first?.labels ?? {}).filter(
      ([name, value]) => name !== '' && value !== '' && others.every(({ labels }) => labelOf(labels, name) === value),
    ),
  );
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * What all these alerts share, as matchers: the rule's name and the labels that name the edge are chosen and come first, what changes
 * from one firing to the next comes last. Whatever is chosen, the silence hides every one of these alerts.
 */
export const proposedMatchers = (
  alerts: readonly { readonly labels: Labels }[],
  edge: Edge | null,
): readonly ProposedMatcher[] => {
  const shared = sharedLabels(alerts);
  const chosen = ['alertname', ...edgeLabels(shared, edge)].filter((name) => shared.has(name));
  const rest = [...shared.keys()].filter((name) => !chosen.includes(name)).sort(byText);
  const ordered = [...chosen, ...rest.filter((name) => !isVolatile(name)), ...rest.filter(isVolatile)];
  return ordered.map((name) => ({ name, value: shared.get(name) ?? '', isChosen: chosen.includes(name) }));
};

/** What stands in the way of a silence; `field` is what a person can mend. */
export type SilenceProblem = { readonly field: 'matchers' | 'duration' | 'comment'; readonly text: string };

/** More than a person would choose, and than anybody could judge at night. */
const mostMatchers = 20;
const leastSeconds = 60;
const longestComment = 500;

/** Names of labels as a sentence has room for them. */
const shown = (names: readonly string[]): string =>
  names
    .slice(0, 3)
    .map((name) => middleCut(name, 40))
    .join(', ') + (names.length > 3 ? ' …' : '');

const matcherProblem = (matchers: readonly SilenceMatcher[]): string | null => {
  if (matchers.length === 0) return 'Choose at least one label: a silence without any would hide every alert.';
  if (matchers.length > mostMatchers) return `Choose at most ${mostMatchers} labels; these are ${matchers.length}.`;
  const empty = matchers.find(({ name, value }) => name === '' || value === '');
  if (empty !== undefined)
    return `${shown([empty.name]) || 'A label'} has no value: that would hide every alert without this label.`;
  const names = matchers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    return `${shown([twice])} is there twice: an alert has one value of it, so that nothing would be hidden.`;
  if (!matchers.some(({ name, value }) => isNarrowing(name, value)))
    return `${shown(names)} alone would hide too much: choose alertname, or a label that names a service or a workload, too.`;
  return null;
};

const durationProblem = ({ startsAtMs, endsAtMs }: NewSilence, mostSeconds: number): string | null => {
  const seconds = (endsAtMs - startsAtMs) / 1000;
  const most = `at most ${durationText(mostSeconds)}`;
  if (!Number.isFinite(seconds)) return `Say how long, such as 30m, 2h or 1h30m; ${most}.`;
  if (seconds < leastSeconds) return `At least ${durationText(leastSeconds)}, ${most}.`;
  return seconds > mostSeconds ? `That is ${durationText(seconds)}; ${most} from here.` : null;
};

const commentProblem = (comment: string): string | null => {
  const { length } = comment.trim();
  if (length === 0) return 'Say why: whoever finds the silence later will want to know.';
  return length > longestComment ? `At most ${longestComment} characters; these are ${length}.` : null;
};

/**
 * Why this silence may not be made from here; nothing where it may. Values are literal: matchers are equalities, and none is read as a
 * regular expression. Where silencing is off, nothing else is said.
 */
export const silenceProblems = (wanted: NewSilence, limits: SilenceLimits): readonly SilenceProblem[] => {
  if (!limits.isAllowed)
    return [{ field: 'matchers', text: 'Silencing from Slack is off here; whoever runs Edgewise turns it on with SILENCES=on.' }];
  const found = {
    matchers: matcherProblem(wanted.matchers),
    duration: durationProblem(wanted, limits.mostSeconds),
    comment: commentProblem(wanted.comment),
  };
  return (['matchers', 'duration', 'comment'] as const).flatMap((field) => {
    const text = found[field];
    return text === null ? [] : [{ field, text }];
  });
};

/** What a silence would hide of the alerts that live now. */
export type Hidden = {
  readonly count: number;
  /** Of those, by other silences already. */
  readonly alreadySilenced: number;
  /** The first few rules' names, each once. */
  readonly names: readonly string[];
  /** How many further ones there are. */
  readonly moreNames: number;
  readonly fingerprints: readonly string[];
};

const mostNames = 3;

/** As Alertmanager matches: every matcher must hold, and an absent label equals the empty value alone. No matcher is no silence: it hides nothing. */
const isHidden = (matchers: readonly SilenceMatcher[], labels: Labels): boolean =>
  matchers.length > 0 && matchers.every(({ name, value }) => (labelOf(labels, name) ?? '') === value);

/** What these matchers would hide right now. */
export const hiddenBy = (matchers: readonly SilenceMatcher[], living: readonly LivingAlert[]): Hidden => {
  const hidden = living.filter(({ labels }) => isHidden(matchers, labels));
  const names = [...new Set(hidden.map(({ labels, fingerprint }) => labelOf(labels, 'alertname') ?? fingerprint))].sort(byText);
  return {
    count: hidden.length,
    alreadySilenced: hidden.filter(({ isSilenced }) => isSilenced).length,
    names: names.slice(0, mostNames),
    moreNames: Math.max(0, names.length - mostNames),
    fingerprints: hidden.map(({ fingerprint }) => fingerprint),
  };
};
