import { type Edit, edited, selectorsOf } from '../../domain/promql/tree.ts';
import { type Guard, type Span, within } from './comparisons.ts';
import { matchersOf, type Shape } from './shape.ts';

/** Marks the side of an `or` that a row comes from. */
export const branchLabel = 'edgewise_branch';
/** Marks a row that also meets the conditions that stand beside the value. */
export const guardLabel = 'edgewise_guard';
export const markLabels: readonly string[] = [branchLabel, guardLabel];

/** Labels of the proxy that counted, not of the edge: what is picked by them is one reporter's already. */
const scrapeLabel =
  /^(app|pod|pod_name|kubernetes_pod_name|namespace|kubernetes_namespace|instance|node|container|deployment|statefulset|daemonset|workload)$/;

const isOneSided = ({ selectors, survivors }: Shape): boolean =>
  [...(survivors ?? [])].some((label) => scrapeLabel.test(label)) ||
  selectors.some(({ matchers }) => matchers.some(({ label, value }) => scrapeLabel.test(label) && value !== ''));

/** Both reporters are asked and compared, whatever the rule picked: each end's own view is half of the diagnosis. */
const ofBothReporters = (text: string): string =>
  text
    .replace(/\breporter"?\s*(=~?|!=)\s*(["'`])(source|destination|waypoint)\2/g, 'reporter=~"source|destination|waypoint"')
    .replace(/\bdirection"?\s*(=~?|!=)\s*(["'`])(inbound|outbound)\2/g, 'direction=~"inbound|outbound"');

const outermost = (spans: readonly Span[]): readonly Span[] =>
  spans.filter(
    (span, index) =>
      !spans.some((other, at) => within(span, other) && (other.to - other.from > span.to - span.from || at < index)),
  );

/** `… and count > 0` beside a value that is divided by that count: without it there is no value. */
const isTrivial = (text: string, { left, right, isUnless, from, to }: Guard): boolean => {
  const known = new Set(selectorsOf({ text, root: left, isValid: true }).map(matchersOf));
  const asked = selectorsOf({ text, root: right, isValid: true }).map(matchersOf);
  return (
    !isUnless && asked.length > 0 && asked.every((one) => known.has(one)) && />\s*0(\.0*)?\s*\)*\s*$/.test(text.slice(from, to))
  );
};

/** Conditions of one side of `or`, innermost first. */
export const guardsAt = (shape: Shape, branch: Span): readonly Guard[] =>
  shape.guards.filter((guard) => within(branch, guard.over) && !isTrivial(shape.parsed.text, guard)).reverse();

/** Whether the rule has a condition that chooses among edges. */
export const isConditional = (shape: Shape): boolean => shape.branches.some((branch) => guardsAt(shape, branch).length > 0);

const marked = (value: string, label: string, mark: string): string => `label_replace(${value}, "${label}", "${mark}", "", "")`;

/**
 * The rule's values without its comparisons (they are compared here, so that one question serves threshold and largest contributor
 * alike), for both reporters. Each side of `or` is marked, or a healthy left side would hide the right one. With `isGuarded` the rows
 * that also meet the rule's conditions come a second time, with a mark.
 */
export const bareText = (shape: Shape, isGuarded: boolean, isOfBoth = !isOneSided(shape)): string => {
  const { text } = shape.parsed;
  const cuts = outermost(shape.cuts).map(({ from, to }): Edit => ({ at: from, insert: ' ', remove: to - from }));
  const inside = (span: Span, edits: readonly Edit[]): readonly Edit[] =>
    edits
      .filter(({ at, remove = 0 }) => within({ from: at, to: at + remove }, span))
      .map((edit) => ({ ...edit, at: edit.at - span.from }));
  const branches = shape.branches.map((branch, index): Edit => {
    const bare = `(${edited(text.slice(branch.from, branch.to), inside(branch, cuts))})`;
    const conditions = isGuarded ? guardsAt(shape, branch) : [];
    const met = conditions.reduce((value, { from, to }) => `(${value} ${text.slice(from, to)})`, bare);
    const sides = [bare, ...(conditions.length > 0 ? [marked(met, guardLabel, 'met')] : [])];
    const named = shape.branches.length < 2 ? sides : sides.map((side) => marked(side, branchLabel, String(index)));
    return {
      at: branch.from,
      insert: named.length > 1 ? `(${named.join(' or ')})` : (named[0] ?? bare),
      remove: branch.to - branch.from,
    };
  });
  const isInBranch = ({ at, remove = 0 }: Edit): boolean =>
    shape.branches.some((branch) => within({ from: at, to: at + remove }, branch));
  const whole = edited(text, [...cuts.filter((cut) => !isInBranch(cut)), ...branches]);
  return isOfBoth ? ofBothReporters(whole) : whole;
};
