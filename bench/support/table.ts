/** One figure of one program: what was seen, what is aimed at, and whether it was reached. */
export type Figure = {
  readonly what: string;
  readonly seen: string;
  readonly aim?: string;
  /** Absent: no aim. */
  readonly isMet?: boolean;
};

export type Program = {
  readonly name: string;
  readonly says: string;
  readonly run: (options: Options) => Promise<Result>;
};

type Result = { readonly figures: readonly Figure[]; readonly notes?: readonly string[] };

export type Options = {
  /** The value of `--name value`, else the default. */
  readonly number: (name: string, otherwise: number) => number;
  readonly lab: () => Promise<import('./lab.ts').Lab>;
  /** A word of progress, on standard error. */
  readonly say: (text: string) => void;
};

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

export const figures = (result: Result): string =>
  [
    table(
      ['figure', 'seen', 'aim', ''],
      result.figures.map(({ what, seen, aim = '', isMet }) => [
        what,
        seen,
        aim,
        isMet === undefined ? '' : isMet ? 'met' : '**missed**',
      ]),
    ),
    ...(result.notes ?? []),
  ].join('\n\n');

/** The value below which `share` of the values lie, by nearest rank. */
export const quantileOf = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => quantileOf(values, 0.5);

export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
