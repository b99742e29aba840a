/**
 * The only place where a value from outside enters PromQL. A value becomes a double-quoted string literal, so it can add no
 * selector (Prometheus' security model: `"} or some_metric{zzz="` must stay a value); names come from our own tables or pass `isLabelName`.
 */
export type Matcher = { readonly label: string; readonly op: '=' | '!=' | '=~' | '!~'; readonly value: string };

/** A PromQL string literal. JSON's escapes are a subset of PromQL's, but for lone surrogates, which cannot be matched anyway. */
export const quote = (value: string): string =>
  JSON.stringify(value.toWellFormed()).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

export const isLabelName = (name: string): boolean => labelName.test(name);

/** A label name, quoted where it is not a legacy name (Prometheus 3 takes UTF-8 names). */
const labelText = (name: string): string => (isLabelName(name) ? name : quote(name));

/** `metric{a="b",c=~"d"}` */
export const selector = (metric: string, matchers: readonly Matcher[]): string => {
  const inside = matchers.map(({ label, op, value }) => `${labelText(label)}${op}${quote(value)}`);
  return metricName.test(metric) ? `${metric}{${inside.join(',')}}` : `{${[quote(metric), ...inside].join(',')}}`;
};

export const equals = (label: string, value: string): Matcher => ({ label, op: '=', value });

/** One of several literal values; regular-expression characters are quoted for RE2. */
export const oneOf = (label: string, values: readonly string[]): Matcher =>
  values.length === 1 && values[0] !== undefined
    ? equals(label, values[0])
    : { label, op: '=~', value: values.map(quoteRegex).join('|') };

/** A literal inside an RE2 pattern. */
export const quoteRegex = (value: string): string => value.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');

/** `5m`, `90s`: a PromQL duration from whole seconds. */
export const duration = (seconds: number): string => `${Math.max(1, Math.round(seconds))}s`;

/** `sum by (a, b) (inner)`; names are ours. */
export const sumBy = (labels: readonly string[], inner: string): string =>
  `sum by (${labels.map(labelText).join(',')}) (${inner})`;

/** `max by (a, b) (inner)` */
export const maxBy = (labels: readonly string[], inner: string): string =>
  `max by (${labels.map(labelText).join(',')}) (${inner})`;
