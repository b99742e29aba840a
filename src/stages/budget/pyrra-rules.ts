import { labelOf } from '../../domain/alert.ts';
import { secondsOfPromql } from '../../domain/duration.ts';
import { quote } from '../../domain/promql.ts';
import type { Rules } from './recorded.ts';

/** The events of a period out of recorded increases, by group where its objective has several. `bad` null: only all of them. */
export type Increased = { readonly total: string; readonly bad: string | null };

/** Both sides of the last division that stands outside of brackets and strings; null: there is none. */
const divided = (promql: string): readonly [string, string] | null => {
  let [depth, found] = [0, -1];
  for (let at = 0; at < promql.length; at += 1) {
    const character = promql[at] as string;
    if (character === '"') {
      for (at += 1; at < promql.length && promql[at] !== '"'; at += 1) if (promql[at] === '\\') at += 1;
    } else if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (depth === 0 && character === '/') found = at;
  }
  return found < 0 ? null : [promql.slice(0, found).trim(), promql.slice(found + 1).trim()];
};

/** A function over a range of one selector, as Prometheus prints rules. */
const ranged =
  /\b(rate|count_over_time|sum_over_time)\s*\(\s*([a-zA-Z_:][\w:]*)\s*(?:\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\})?\s*\[[0-9a-z]+\]\s*\)/g;
const kinds: Readonly<Record<string, string>> = { rate: 'increase', count_over_time: 'count', sum_over_time: 'sum' };

/**
 * A burn rate's own text over the increases that are recorded beside it: Pyrra names them after the metric without its ending, and prints
 * all of a histogram with an empty `le` (pyrra-dev/pyrra, slo/rules.go, `increaseName`). Null: it is over something else.
 */
const overIncreases = (side: string, id: string, window: string): string | null => {
  let many = 0;
  const text = side.replaceAll(ranged, (_, kind: string, metric: string, inside: string | undefined) => {
    many += 1;
    const name = `${metric.replace(/_(?:total|count|bucket)$/, '')}:${kinds[kind]}${window}`;
    const matchers = [...(inside?.trim() ? [inside.trim().replace(/,$/, '')] : []), `slo=${quote(id)}`];
    return `${name}{${[...matchers, ...(metric.endsWith('_count') ? ['le=""'] : [])].join(',')}}`;
  });
  return many === 0 || /\[[0-9a-z]+\]/.test(text) ? null : text;
};

const named = /^(.+):(burnrate|increase|count)([0-9a-z]+)$/;

/** How the events of an objective's period are asked for, as its rules tell good and bad apart; null: they do not. */
export const increasedIn = (id: string, seconds: number, rules: Rules): Increased | null => {
  const own = (rules ?? []).filter(({ labels }) => labelOf(labels, 'slo') === id);
  const generic = own.find(({ name }) => name === 'pyrra_availability');
  const total = generic === undefined ? undefined : divided(generic.expression)?.[1];
  if (total !== undefined) return { total, bad: null };
  const parts = own.map(({ name, expression }) => ({ expression, named: named.exec(name) }));
  const window = parts.find((part) => part.named?.[2] !== 'burnrate' && secondsOfPromql(part.named?.[3] ?? '') === seconds)
    ?.named?.[3];
  const burnrate = parts.find((part) => part.named?.[2] === 'burnrate');
  const sides = burnrate === undefined ? null : divided(burnrate.expression);
  if (window === undefined || sides === null) return null;
  const [bad, all] = sides.map((side) => overIncreases(side, id, window));
  return bad == null || all == null ? null : { total: all, bad };
};
