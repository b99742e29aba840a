import { readFileSync } from 'node:fs';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { PanelSpec } from '../../domain/message.ts';

/** Vega's own loader reads files and addresses that a spec names; this one refuses everything. */
const closed = () => Promise.reject(new Error('charts load nothing'));
const noLoader = { load: closed, sanitize: closed, http: closed, file: closed } as unknown as vega.Loader;

/** Compiled and parsed once per template; a View keeps its state, so it is run synchronously and never shared across an await. */
const views = new Map<string, vega.View>();

const templateFolder = new URL('../../../templates/charts/', import.meta.url);

/** A template opens in the Vega editor with sample data, none of which may ever reach a picture. */
const withoutSamples = (spec: TopLevelSpec): TopLevelSpec => ({
  ...spec,
  datasets: Object.fromEntries(Object.keys(spec.datasets ?? {}).map((name) => [name, []])),
});

const viewOf = (template: string): vega.View => {
  const known = views.get(template);
  if (known) return known;
  const source = withoutSamples(JSON.parse(readFileSync(new URL(`${template}.vl.json`, templateFolder), 'utf8')) as TopLevelSpec);
  const view = new vega.View(vega.parse(compile(source).spec), { renderer: 'none', loader: noLoader, logLevel: vega.Error });
  views.set(template, view);
  return view;
};

/** What Vega keeps of a View's size but does not type. */
type Sized = vega.View & {
  readonly _viewWidth: number;
  readonly _viewHeight: number;
  readonly _origin: readonly [number, number];
};

type SvgRenderer = {
  initialize: (element: null, width: number, height: number, origin: readonly number[], scale: number) => void;
  render: (scene: unknown) => void;
  svg: () => string;
};
const SVGStringRenderer = (vega as unknown as { SVGStringRenderer: new (loader: vega.Loader) => SvgRenderer }).SVGStringRenderer;

/**
 * One panel as SVG, run and rendered without yielding: with Vega's asynchronous `toSVG` a cached View mixes the data of two charts.
 * A View that throws is dropped, since its state is unknown.
 */
export const panelSvg = (panel: PanelSpec): string => {
  const view = viewOf(panel.template) as Sized;
  try {
    view.width(panel.widthPx).height(panel.heightPx).padding(panel.padding);
    for (const [name, value] of Object.entries(panel.signals)) view.signal(name, value);
    for (const [name, rows] of Object.entries(panel.data))
      view.data(
        name,
        rows.map((row) => ({ ...row })),
      );
    view.run();
    const padding = panel.padding;
    const renderer = new SVGStringRenderer(noLoader);
    renderer.initialize(
      null,
      panel.widthPx + padding.left + padding.right,
      panel.heightPx + padding.top + padding.bottom,
      [padding.left + view._origin[0], padding.top + view._origin[1]],
      1,
    );
    renderer.render((view.scenegraph() as unknown as { root: unknown }).root);
    // librsvg draws every opacity as a layer of its own, even 1: 61 ms against 34 ms a picture.
    return renderer.svg().replace(/ opacity="1"/g, '');
  } catch (error) {
    views.delete(panel.template);
    throw error;
  }
};
