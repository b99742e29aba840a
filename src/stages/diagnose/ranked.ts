import type { Confidence, Finding } from '../../domain/diagnosis.ts';

const weight: Readonly<Record<Confidence, number>> = { clear: 2, likely: 1, possible: 0 };

/** By confidence, then by bad events, then in the order of the rules. */
const sorted = (findings: readonly Finding[]): readonly Finding[] =>
  findings
    .map((finding, index) => ({ finding, index }))
    .sort(
      (a, b) =>
        weight[b.finding.confidence] - weight[a.finding.confidence] ||
        b.finding.badEvents - a.finding.badEvents ||
        a.index - b.index,
    )
    .map(({ finding }) => finding);

/** Two counts of the same requests differ: both ends extrapolate for themselves, and twelve scrapes a window leave one in ten between them. */
const alike = 0.85;

/** They speak of the same requests: the one accounts for as many as the other. */
const covers = (one: Finding, other: Finding): boolean => one.badEvents > 0 && one.badEvents >= alike * other.badEvents;

const silences = (one: Finding, other: Finding): boolean =>
  one.explains.includes(other.rule) && (weight[one.confidence] >= weight[other.confidence] || covers(one, other));

/** All that this finding silences, and what those silence in turn. */
const reached = (from: Finding, findings: readonly Finding[]): ReadonlySet<Finding> => {
  const found = new Set<Finding>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const other of findings)
      if (silences(at, other) && !found.has(other)) {
        found.add(other);
        open.push(other);
      }
  return found;
};

/**
 * The findings that stand, best first. A finding silences another that it explains where it is said at least as surely, or where it reads as
 * many of the same bad requests another way; a guess that accounts for fewer stands behind what is likely. Of findings that explain each
 * other, in a circle of any length, the best stays.
 */
export const ranked = (findings: readonly Finding[]): readonly Finding[] => {
  const all = sorted(findings);
  const reach = new Map(all.map((finding) => [finding, reached(finding, all)]));
  return all.filter((finding, index) =>
    all.every((other, at) => {
      if (other === finding || reach.get(other)?.has(finding) !== true) return true;
      return reach.get(finding)?.has(other) === true && index < at;
    }),
  );
};
