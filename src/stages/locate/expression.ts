/** A rule's PromQL from the text of `generatorURL`: read, never fetched, never linked. */
import { parsePromql } from '../../domain/promql/tree.ts';

const maxLength = 16_384;

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};

type Pair = { readonly name: string; readonly value: string };

/**
 * `name=value` pairs after the first `?`, whatever stands before it (Prometheus prints hostless and relative addresses too), and those
 * after a `?` in the fragment, where single-page consoles keep theirs. `&amp;` comes from templates that write HTML.
 */
const pairsOf = (url: string): readonly Pair[] =>
  [url.indexOf('?'), url.search(/#[^?]*\?/) < 0 ? -1 : url.indexOf('?', url.indexOf('#'))]
    .filter((at, index, all) => at >= 0 && all.indexOf(at) === index)
    .flatMap((at) =>
      url
        .slice(at + 1)
        .split(/&(?:amp;)?/)
        .slice(0, 64),
    )
    .flatMap((pair) => {
      const equal = pair.indexOf('=');
      return equal < 0 ? [] : [{ name: decoded(pair.slice(0, equal)) ?? '', value: pair.slice(equal + 1) }];
    });

const maxLayers = 3;

/**
 * What a value says, in the spelling that `fits`: `+` is a space in a form and a plus in a path, and an address that passed through a
 * second template is encoded once more. Else its first spelling, so that text that is no PromQL is still known to be there.
 */
const spelled = (value: string, fits: (text: string) => boolean): string | null => {
  let layer = [value];
  let first: string | null = null;
  for (let depth = 0; depth < maxLayers; depth += 1) {
    layer = [...new Set(layer.flatMap((text) => [decoded(text.replaceAll('+', ' ')), decoded(text)]))].filter(
      (text) => text !== null,
    );
    first ??= layer[0] ?? null;
    const right = layer.find(fits);
    if (right !== undefined) return right;
  }
  return first;
};

const isPromql = (text: string): boolean => parsePromql(text).isValid;

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The first `expr` or `prometheusQuery` in a JSON value; walked without recursion, since its depth is the sender's. */
const inJson = (value: string): string | null => {
  const open: unknown[] = [jsonOf(spelled(value, (text) => jsonOf(text) !== undefined) ?? '')];
  for (let steps = 0; open.length > 0 && steps < 2000; steps += 1) {
    const next = open.shift();
    if (typeof next !== 'object' || next === null) continue;
    for (const [name, inner] of Object.entries(next)) {
      if ((name === 'expr' || name === 'prometheusQuery') && typeof inner === 'string' && inner.trim() !== '') return inner;
      open.push(inner);
    }
  }
  return null;
};

const panel = /^g\d+\.expr$/;
const json = /^(left|right|panes|pageState)$/;
/** Other consoles' names; taken only when the value is PromQL. */
const plain = /^(expr|query|expression)$/;

/** The expression, or null where the address holds none (vmalert's default, Grafana-managed rules, an empty one). */
export const expressionOf = (generatorUrl: string): string | null => {
  if (generatorUrl.length > maxLength) return null;
  const pairs = pairsOf(generatorUrl);
  const all = (wanted: RegExp, read: (value: string) => string | null): readonly string[] =>
    pairs.flatMap(({ name, value }) => {
      const found = wanted.test(name) ? read(value) : null;
      return found === null || found.trim() === '' || found.length > maxLength ? [] : [found];
    });
  const asPromql = (value: string): string | null => spelled(value, isPromql);
  return all(panel, asPromql)[0] ?? all(json, inJson)[0] ?? all(plain, asPromql).find(isPromql) ?? null;
};

/** vmalert's own address of an alert: `alert?group_id=…&alert_id=…` (docs.victoriametrics.com, "vmalert"). */
export const groupIdOf = (generatorUrl: string): string | null =>
  pairsOf(generatorUrl.slice(0, maxLength)).find(({ name }) => name === 'group_id')?.value ?? null;
