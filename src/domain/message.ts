/** A Slack block as plain JSON. Built only in `stages/compose`, where text is escaped once. */
export type Block = { readonly type: string; readonly [field: string]: unknown };

/** What goes to Slack. `text` alone must make sense on a phone and in a screen reader. */
export type Message = { readonly text: string; readonly blocks: readonly Block[] };

/** A drawn picture. `altText` carries the numbers. */
export type Picture = {
  readonly name: string;
  readonly png: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly altText: string;
};

/** Pictures as a chart stage describes them: a template of `templates/charts`, and the rows that fill it. */
export type PanelSpec = {
  readonly template: string;
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Room around the plot for the axis labels; xPx/yPx are of the outer box. */
  readonly padding: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  readonly data: Readonly<Record<string, readonly Readonly<Record<string, number | string | null>>[]>>;
  readonly signals: Readonly<Record<string, unknown>>;
};
export type TextSpec = {
  readonly text: string;
  readonly xPx: number;
  readonly yPx: number;
  readonly sizePx: number;
  readonly weight: 400 | 600 | 700;
  readonly colour: string;
  readonly anchor: 'start' | 'middle' | 'end';
};
export type PictureSpec = {
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly panels: readonly PanelSpec[];
  readonly texts: readonly TextSpec[];
  readonly altText: string;
};
