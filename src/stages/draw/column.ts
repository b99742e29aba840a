import type { PictureSpec } from '../../domain/message.ts';
import type { Report } from '../../domain/report.ts';
import { altText } from './alt-text.ts';
import { bigPanel, heading, sceneOf, width } from './panels.ts';

/** Drawn at twice that (1.5 MP): four signals, each with its axes, for who looks closer. */
const head = 40;
const block = { heightPx: 158, title: 20, plotTop: 28, plotHeight: 92, ticks: 4 } as const;

/** The four golden signals one below the other, over one time. Null when there is nothing to draw. */
export const column = (report: Report, zone: string): PictureSpec | null => {
  const scene = sceneOf(report);
  if (scene === null) return null;
  const { series, marks } = scene;
  const drawn = (['errors', 'latency', 'traffic', 'saturation'] as const).map(scene.drawn);
  const parts = drawn.map((one, index) => {
    const top = head + index * block.heightPx;
    const room = { titleYPx: top + block.title, yPx: top + block.plotTop, heightPx: block.plotHeight, ticks: block.ticks };
    return bigPanel(one, series, marks, zone, room);
  });
  return {
    name: 'four-signals',
    widthPx: width,
    heightPx: head + drawn.length * block.heightPx + 4,
    panels: parts.map(({ panel }) => panel),
    texts: [...heading(report, series, marks, zone), ...parts.flatMap(({ texts }) => texts)],
    altText: altText(report, drawn, drawn.length, series, marks, zone),
  };
};
