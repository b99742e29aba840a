type Pairs = Readonly<Record<string, string>>;

/** A rule as Prometheus reads it from a file (prometheus.io, "Defining recording rules", "Alerting rules"). */
export type WrittenRule =
  | { readonly record: string; readonly expr: string; readonly labels: Pairs }
  | { readonly alert: string; readonly expr: string; readonly labels: Pairs; readonly annotations: Pairs };

/** Rules that are evaluated one after another at the same moment, so that each sees what those before it recorded. */
export type RuleGroup = { readonly name: string; readonly interval: string; readonly rules: readonly WrittenRule[] };

/** Rules for some objectives, and what their reader must know: of which there are none, and why. */
export type RuleFile = {
  readonly groups: readonly RuleGroup[];
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  readonly notices: readonly { readonly name: string; readonly text: string }[];
};

/** A text that a Go template prints as it is: one brace may find its second in the text around it. */
export const templateText = (text: string): string => (/[{}]/.test(text) ? `{{ ${JSON.stringify(text.toWellFormed())} }}` : text);
