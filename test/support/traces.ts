import type { Span, SpanKind, Trace } from '../../src/domain/trace.ts';

/** A span by name; what is left out is nothing special. */
export type Given = Partial<Omit<Span, 'parent' | 'id'>> & {
  readonly id: string;
  readonly parentId?: string | null;
  readonly startMicros: number;
  readonly durationMicros: number;
};

const spanOf = ({ parentId: _, ...given }: Given, parent: number | null): Span => ({
  isOrphan: false,
  service: given.id,
  operation: given.id,
  kind: null,
  isAsync: false,
  isError: false,
  flags: [],
  peer: null,
  attributes: {},
  ...given,
  parent,
});

/** A trace in order: every parent before its children, siblings by their start. A parent that is not there makes an orphan. */
export const traceOf = (given: readonly Given[], id = '463ac35c9f6413ad48485a3953bb6124'): Trace => {
  const ids = new Set(given.map((span) => span.id));
  const below = new Map<string | null, Given[]>();
  for (const span of given) {
    const parent = span.parentId != null && ids.has(span.parentId) ? span.parentId : null;
    below.set(parent, [...(below.get(parent) ?? []), span]);
  }
  const startMicros = given.reduce((first, span) => Math.min(first, span.startMicros), Number.POSITIVE_INFINITY);
  const endMicros = given.reduce((last, span) => Math.max(last, span.startMicros + span.durationMicros), 0);
  const inOrder = (parent: string | null) =>
    [...(below.get(parent) ?? [])]
      .sort((a, b) => b.startMicros - a.startMicros)
      .map((span) => ({ span, place: null as number | null }));
  const spans: Span[] = [];
  const open = inOrder(null);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { span, place } = next;
    const isOrphan = place === null && span.parentId != null;
    const own = spans.push({ ...spanOf({ ...span, startMicros: span.startMicros - startMicros }, place), isOrphan }) - 1;
    open.push(...inOrder(span.id).map((child) => ({ ...child, place: own })));
  }
  return {
    id,
    startMicros: 1_795_504_520_000_000,
    durationMicros: endMicros - startMicros,
    spans,
    received: spans.length,
    problems: [],
  };
};

/** A column of a drawing. */
export const columnMicros = 1000;

const kinds: ReadonlySet<string> = new Set(['client', 'server', 'producer', 'consumer', 'internal']);

/** "client, error, peer=reviews, flag=URX+UT, http.method=GET" */
const traits = (text: string): Partial<Given> => {
  const words = text.split(',').map((word) => word.trim());
  const pairs = words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]);
  const of = (name: string): string | undefined => pairs.find(([key]) => key === name)?.[1];
  const kind = words.find((word) => kinds.has(word)) as SpanKind | undefined;
  const [service, operation, flag, peer, parentId] = ['service', 'operation', 'flag', 'peer', 'parent'].map(of);
  const attributes = Object.fromEntries(
    pairs.filter(([key]) => !['service', 'operation', 'flag', 'peer', 'parent'].includes(key)),
  );
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(words.includes('error') ? { isError: true } : {}),
    ...(words.includes('async') ? { isAsync: true } : {}),
    ...(service === undefined ? {} : { service }),
    ...(operation === undefined ? {} : { operation }),
    ...(flag === undefined ? {} : { flags: flag.split('+') }),
    ...(peer === undefined ? {} : { peer }),
    ...(parentId === undefined ? {} : { parentId }),
    attributes,
  };
};

/**
 * A trace as a drawing: one span a line, its parent the line above that stands further left, a bar `[==]` as long as it took (`|`: no time),
 * and in braces what else is to be said of it. Two of one name are told apart by what follows `#`.
 *
 *     front {server}            [==========]
 *       back {client, error}      [====]
 */
export const drawn = (drawing: string, id?: string): Trace => {
  const above: { readonly indent: number; readonly id: string }[] = [];
  const given: Given[] = [];
  for (const line of drawing.split('\n')) {
    const found = /^(\s*)([^\s{]+)\s*(?:\{([^}]*)\})?\s*([[|].*)$/.exec(line);
    if (!found) continue;
    const [, space = '', name = '', said = '', bar = ''] = found;
    while ((above.at(-1)?.indent ?? -1) >= space.length) above.pop();
    const start = line.length - bar.length;
    const end = bar.startsWith('|') ? start : start + bar.indexOf(']') + 1;
    given.push({
      id: name,
      parentId: above.at(-1)?.id ?? null,
      service: name.replace(/#.*$/, ''),
      operation: name.replace(/#.*$/, ''),
      startMicros: start * columnMicros,
      durationMicros: (end - start) * columnMicros,
      ...traits(said),
    });
    above.push({ indent: space.length, id: name });
  }
  return traceOf(given, id);
};
