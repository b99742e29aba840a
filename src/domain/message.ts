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
  /** Every digit as wide as any other: for figures that stand in a column. */
  readonly digits?: 'tabular';
  /** On a white rim, which keeps it readable where lines run through it. */
  readonly rim?: 'white';
  readonly xPx: number;
  readonly yPx: number;
  readonly sizePx: number;
  readonly weight: 400 | 600 | 700;
  readonly colour: string;
  readonly anchor: 'start' | 'middle' | 'end';
};
/**
 * A mark at its place in the picture, for what is laid out in pixels and no template can say: values only, never SVG. Colours are
 * "#rrggbb"; a hatched box is stripes of its colour on a pale ground; a frame is an outline.
 */
export type ShapeSpec =
  | ({ readonly kind: 'box'; readonly pattern: 'solid' | 'hatched' } & Placing)
  | ({ readonly kind: 'frame'; readonly edgePx: number; readonly radiusPx: number } & Placing)
  | {
      readonly kind: 'line';
      readonly points: readonly (readonly [xPx: number, yPx: number])[];
      readonly colour: string;
      readonly widthPx: number;
    };
type Placing = {
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly colour: string;
};
export type PictureSpec = {
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly panels: readonly PanelSpec[];
  /** Above the panels and under the texts, in this order. */
  readonly shapes?: readonly ShapeSpec[];
  readonly texts: readonly TextSpec[];
  readonly altText: string;
};
