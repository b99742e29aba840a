/** A rule's PromQL from the text of `generatorURL`: read, never fetched, never linked. */

const maxLength = 16_384;

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
};

/** `name=value` pairs after the first `?`, whatever stands before it; Prometheus prints hostless and relative addresses too. */
const pairsOf = (url: string): readonly (readonly [string, string])[] => {
  const at = url.indexOf('?');
  if (at < 0) return [];
  return url
    .slice(at + 1)
    .split('&')
    .slice(0, 64)
    .flatMap((pair) => {
      const equal = pair.indexOf('=');
      const value = equal < 0 ? null : decoded(pair.slice(equal + 1));
      return value === null ? [] : [[pair.slice(0, equal), value] as const];
    });
};

/** The first `expr` or `prometheusQuery` in a JSON value; walked without recursion, since its depth is the sender's. */
const inJson = (text: string): string | null => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const open: unknown[] = [value];
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

/** The expression, or null where the address holds none (vmalert's default, Grafana-managed rules, an empty one). */
export const expressionOf = (generatorUrl: string): string | null => {
  if (generatorUrl.length > maxLength) return null;
  const pairs = pairsOf(generatorUrl);
  const panel = pairs.find(([name, value]) => /^g\d+\.expr$/.test(name) && value.trim() !== '');
  const found =
    panel?.[1] ??
    pairs
      .map(([name, value]) => (['left', 'panes', 'pageState', 'right'].includes(name) ? inJson(value) : null))
      .find((expression) => expression !== null) ??
    null;
  return found !== null && found.length <= maxLength ? found : null;
};
