import { type Labels, labelOf } from '../../domain/alert.ts';
import { equals, type Matcher, quoteRegex } from '../../domain/promql.ts';
import type { RouteFamily, RouteReading } from '../../domain/route.ts';
import type { AskedEdges } from './asked.ts';

type CalleeLabel = RouteFamily['callee'][number];

const behindName = '([.][^:]*)?(:[0-9]+)?';

const hostPattern = (name: string | null, namespace: string | null): string =>
  namespace === null ? `${name}${behindName}` : `${name ?? '[^.:]+'}[.]${namespace}${behindName}`;

/** Nothing where everybody is meant. */
const matchersOf = (label: CalleeLabel, name: string | null, namespace: string | null): readonly Matcher[] => {
  if (label.kind === 'host') {
    const [literal, within] = [name, namespace].map((text) => (text === null ? null : quoteRegex(text)));
    return name === null && namespace === null
      ? []
      : [{ label: label.host, op: '=~', value: hostPattern(literal ?? null, within ?? null) }];
  }
  return [
    ...(name === null ? [] : [equals(label.name, name)]),
    ...(namespace === null || label.namespace === null ? [] : [equals(label.namespace, namespace)]),
  ];
};

const callerOf = ({ caller }: RouteFamily, from: NonNullable<AskedEdges['from']>): readonly Matcher[] =>
  caller === null
    ? []
    : [
        equals(caller.workload, from.name),
        ...(from.namespace === null || caller.namespace === null ? [] : [equals(caller.namespace, from.namespace)]),
      ];

/** What chooses the series of the asked callee: one list of matchers for each way to name it. None where callers are asked for and not told apart. */
export const routeSelections = (family: RouteFamily, question: AskedEdges): readonly (readonly Matcher[])[] => {
  const { name, from, namespace } = question;
  if (from !== null && family.caller === null) return [];
  const source = from === null ? [] : callerOf(family, from);
  if (name === null) {
    const [first] = family.callee;
    return [[...family.matchers, ...(first === undefined ? [] : matchersOf(first, null, namespace)), ...source]];
  }
  return family.callee.map((label) => [...family.matchers, ...matchersOf(label, name.name, name.namespace), ...source]);
};

const text = (labels: Labels, label: string | null): string | null => {
  const found = label === null ? null : labelOf(labels, label);
  return found === '' || found === 'unknown' ? null : found;
};

const serviceBy = (label: CalleeLabel, labels: Labels): RouteReading['service'] | null => {
  if (label.kind === 'name') {
    const name = text(labels, label.name);
    return name === null ? null : { name, namespace: text(labels, label.namespace) };
  }
  const host = text(labels, label.host)?.replace(/:\d+$/, '');
  if (host === undefined) return null;
  const inside = /^([^.]+)\.([^.]+)\.svc(?:\.|$)/.exec(host);
  return inside === null ? { name: host, namespace: null } : { name: inside[1] ?? host, namespace: inside[2] ?? null };
};

/** Who was called, by the first label that says it. */
export const calleeIn = ({ callee }: RouteFamily, labels: Labels): RouteReading['service'] | null =>
  callee.map((label) => serviceBy(label, labels)).find((service) => service !== null) ?? null;
