import type { ZipkinSpan } from './zipkin-span.ts';

/** One trace as a page to read: what calls what as an indented list, with bars in time. */

type Row = { readonly span: ZipkinSpan; readonly depth: number };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);

const startOf = ({ timestamp = 0 }: ZipkinSpan): number => timestamp;

/** Each below its parent, siblings by their start; what names a parent that is not there stands at the top. */
const rowsOf = (spans: readonly ZipkinSpan[]): readonly Row[] => {
  const ids = new Set(spans.map(({ id }) => id));
  const isTop = ({ id, parentId }: ZipkinSpan): boolean => parentId === undefined || parentId === id || !ids.has(parentId);
  const below = Map.groupBy(
    spans.toSorted((a, b) => startOf(a) - startOf(b)),
    (span) => (isTop(span) ? '' : (span.parentId ?? '')),
  );
  const open: Row[] = (below.get('') ?? []).map((span) => ({ span, depth: 0 })).toReversed();
  const rows: Row[] = [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { span, depth } = next;
    rows.push(next);
    open.push(...(below.get(span.id) ?? []).map((child) => ({ span: child, depth: depth + 1 })).toReversed());
    below.delete(span.id);
  }
  return rows;
};

const durationText = (micros: number): string =>
  micros >= 1e6 ? `${(micros / 1e6).toFixed(2)} s` : micros >= 1000 ? `${(micros / 1000).toFixed(1)} ms` : `${micros} µs`;

/** The answer, and Envoy's flags where there are any. */
const endText = ({ tags = {} }: ZipkinSpan): string => {
  const { response_flags: flags = '-', 'http.status_code': code = '' } = tags;
  return [code, flags === '-' ? '' : flags].filter((word) => word !== '').join(' ');
};

const rowText = ({ span, depth }: Row, fromMicros: number, micros: number): string => {
  const percent = (part: number): string => ((100 * part) / Math.max(1, micros)).toFixed(2);
  const isBad = span.tags?.['error'] !== undefined;
  const { duration = 0 } = span;
  return `<tr${isBad ? ' class="bad"' : ''}><td style="padding-left:${depth + 0.5}em"><b>${escaped(span.localEndpoint?.serviceName ?? 'unknown')}</b> ${escaped((span.kind ?? '').toLowerCase())}<br><small>${escaped(span.name ?? '')}</small></td>
<td class="number">${durationText(duration)}</td><td>${escaped(endText(span))}</td>
<td class="time"><i style="left:${percent(startOf(span) - fromMicros)}%;width:${percent(duration)}%"></i></td></tr>`;
};

const style = `body{font:14px/1.4 system-ui,sans-serif;margin:2em;color:#1d1c1d;background:#fff}
table{border-collapse:collapse;width:100%}td,th{padding:.25em .5em;text-align:left;vertical-align:top;border-top:1px solid #ddd}
.number{text-align:right;white-space:nowrap}.time{width:45%;position:relative}small{color:#616061}
.time i{position:absolute;top:.6em;height:.9em;min-width:2px;background:#0072b2;border-radius:2px}.bad i{background:#d55e00}.bad td{color:#a33c00}`;

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head><body><h1>${escaped(title)}</h1>${body}</body></html>\n`;

/** The page of a trace. */
export const tracePage = (id: string, spans: readonly ZipkinSpan[]): string => {
  const fromMicros = Math.min(...spans.map(startOf));
  const micros = Math.max(...spans.map((span) => startOf(span) + (span.duration ?? 0))) - fromMicros;
  const rows = rowsOf(spans).map((row) => rowText(row, fromMicros, micros));
  const services = new Set(spans.map(({ localEndpoint }) => localEndpoint?.serviceName));
  return page(
    `Trace ${id}`,
    `<p>${durationText(micros)}, ${spans.length} spans of ${services.size} services, from ${new Date(fromMicros / 1000).toISOString()}</p>
<table><tr><th>Service</th><th>Took</th><th>Answer</th><th>When</th></tr>
${rows.join('\n')}
</table>`,
  );
};

/** The page where a trace is not, or not any more. */
export const noTracePage = (id: string): string =>
  page(`There is no trace ${id}`, '<p>The demo keeps the newest traces in memory, and this one is not among them.</p>');
