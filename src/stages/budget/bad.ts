import type { Dialect } from '../../domain/dialect.ts';
import { type Outcome, type OutcomeCase, type OutcomeClass, outcomeBy, outcomeCases } from '../../domain/outcome.ts';
import { equals, type Matcher, quoteRegex } from '../../domain/promql.ts';
import type { RowLabels } from '../../domain/row.ts';
import type { BadRequests } from '../../domain/slo.ts';

/** What counts as bad, in one place: rows that we counted and the rules that Prometheus runs are both judged by it. */
type Definition = { readonly cases: readonly OutcomeCase[]; readonly bad: readonly OutcomeClass[] };

const definitions: Readonly<Record<BadRequests, Definition>> = {
  failed: { cases: outcomeCases, bad: ['failed'] },
  'failed-and-refused': { cases: outcomeCases, bad: ['failed', 'refused'] },
  // Of gRPC, whose HTTP code is 200 for every ending, all but OK.
  'non-2xx': { cases: [{ outcome: 'ok', code: '2.*', grpc: '|0' }, { outcome: 'failed' }], bad: ['failed'] },
};

/** Whether requests of a row, which were classified already, are bad. */
export const isBad = (what: BadRequests, row: Pick<RowLabels, 'outcome'> & Omit<Outcome, 'said'>): boolean => {
  const { cases, bad } = definitions[what];
  return bad.includes(cases === outcomeCases ? row.outcome : outcomeBy(cases, { ...row, said: null }));
};

/** Istio prints `unknown` for what it does not know. */
const orUnknown = (pattern: string): string => (pattern.startsWith('|') ? `|unknown${pattern}` : pattern);

const hasOnlyLiterals = (pattern: string): boolean => !/[\\.+*?()[\]{}^$]/.test(pattern);

const like = (label: string, value: string): Matcher =>
  hasOnlyLiterals(value) && !value.includes('|') ? equals(label, value) : { label, op: '=~', value };

/** A condition as a matcher: `always` and `never` where the mesh prints no label to match. */
type Condition = Matcher | 'always' | 'never';

const patternOn = (label: string | null, pattern: string): Condition => {
  if (label !== null) return like(label, orUnknown(pattern));
  return pattern === '' || pattern.startsWith('|') ? 'always' : 'never';
};

const flagsOn = (label: string | null, test: NonNullable<OutcomeCase['flags']>): Condition => {
  const one = [...('any' in test ? test.any : test.only)].map(quoteRegex).join('|');
  if (label === null) return 'any' in test ? 'never' : 'always';
  return { label, op: '=~', value: 'any' in test ? `(.*,)?(${one})(,.*)?` : `|-|unknown|(${one})(,(${one}))*` };
};

/** Matchers that must all hold for a case; null where no request can be one. What has no code is a bare connection, and no request. */
const matchersOf = ({ code, grpc, flags, said }: OutcomeCase, { labels }: Dialect): readonly Matcher[] | null => {
  const conditions = [
    ...(said === undefined ? [] : [patternOn(labels.classification, said)]),
    ...(code === undefined ? [] : [code === '' ? 'never' : patternOn(labels.code, code)]),
    ...(grpc === undefined ? [] : [patternOn(labels.grpcStatus, grpc)]),
    ...(flags === undefined ? [] : [flagsOn(labels.flags, flags)]),
  ] as const;
  if (conditions.includes('never')) return null;
  return conditions.filter((condition) => typeof condition !== 'string');
};

const isSame = (a: Matcher, b: Matcher): boolean => a.label === b.label && a.op === b.op && a.value === b.value;

const opposites = { '=': '!=', '=~': '!~', '!=': '=', '!~': '=~' } as const;
const not = (matcher: Matcher): Matcher => ({ ...matcher, op: opposites[matcher.op] });

/** That nothing can match both, where it is plain to see: one side is a list of literals, and the other matches none of them. */
const excludes = (a: Matcher, b: Matcher): boolean => {
  if (a.label !== b.label || a.op.startsWith('!') || b.op.startsWith('!')) return false;
  const misses = (literals: string, pattern: string): boolean =>
    hasOnlyLiterals(literals) && literals.split('|').every((literal) => !new RegExp(`^(?:${pattern})$`).test(literal));
  return misses(a.value, b.value) || misses(b.value, a.value);
};

type Selection = readonly Matcher[];

/** What of a selection is no such case: one selection for each of its conditions that may fail. */
const without = (selection: Selection, matchers: readonly Matcher[]): readonly Selection[] => {
  const isOther = matchers.some((matcher) => selection.some((one) => isSame(one, not(matcher)) || excludes(one, matcher)));
  if (isOther) return [selection];
  return matchers.flatMap((matcher, index) => {
    const known = selection.some((one) => isSame(one, matcher));
    const before = matchers.slice(0, index).filter((other) => !selection.some((one) => isSame(one, other)));
    return known ? [] : [[...selection, ...before, not(matcher)]];
  });
};

/**
 * The same as matchers: a request is bad exactly where one of these selections (more than one may) has its series. From the last case
 * to the first, since the first that holds decides.
 */
export const badSelections = (what: BadRequests, dialect: Dialect): readonly Selection[] => {
  const { cases, bad } = definitions[what];
  let selections: readonly Selection[] = [];
  for (const one of [...cases].reverse()) {
    const matchers = matchersOf(one, dialect);
    if (matchers === null) continue;
    selections = bad.includes(one.outcome)
      ? [matchers, ...selections]
      : selections.flatMap((selection) => without(selection, matchers));
  }
  return selections;
};
