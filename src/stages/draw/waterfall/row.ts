import { counted, type Name, nameOf } from './names.ts';
import { lengthMicros, type Stretch, sumMicros } from './stretches.ts';
import { took } from './took.ts';
import { chainUp, type Tree, timeOf } from './tree.ts';
import { type Call, spansOf, type Unit } from './units.ts';

/**
 * One row. Its kinds: the caller of the focus, for context; a call; like calls of one caller; the middle of a way that is too deep; the
 * rest of what its parent row called.
 */
export type WaterfallRow = {
  readonly kind: 'context' | 'call' | 'like' | 'way' | 'rest';
  /** The row above that it hangs under; null at the first. */
  readonly parent: number | null;
  readonly depth: number;
  /** Places of the spans it stands for. */
  readonly spans: readonly number[];
  readonly name: Name;
  /** What stands after the name: "×14", "try 2". */
  readonly suffix: string;
  /** "SELECT orders ×14 (Σ 610 ms)": the row in words. */
  readonly text: string;
  /** As the callers saw them, after the start of the focus; not clipped to it. Empty where a span tells only of itself. */
  readonly asked: readonly Stretch[];
  /** As the callees' own spans tell. */
  readonly answered: readonly Stretch[];
  /** Of the critical path: what is spent in it and in whatever it hides. */
  readonly path: readonly Stretch[];
  /** Of one call its time, of like calls their sum, of a rest its longest. */
  readonly tookMicros: number;
  /** Calls that failed; of a rest, spans. */
  readonly errors: number;
  readonly isCulprit: boolean;
  readonly isErrorOrigin: boolean;
  /** How long it goes on after the focus has ended; 0 where it does not, or by less than a hundredth of it: the noise of clocks. */
  readonly lateMicros: number;
};

type Half = Pick<WaterfallRow, 'asked' | 'answered'>;

/** Who calls is hatched, who answers solid. A client span without a callee's span tells only what the caller saw. */
const halvesOf = (tree: Tree, calls: readonly Call[]): Half => {
  const isAsking = (place: number): boolean => ['client', 'producer'].includes(tree.trace.spans[place]?.kind ?? '');
  const asked = calls.filter(({ outer, inner }) => inner !== null || isAsking(outer)).map(({ outer }) => timeOf(tree, outer));
  const answered = calls.flatMap(({ outer, inner }) => (inner === null && isAsking(outer) ? [] : [timeOf(tree, inner ?? outer)]));
  return { asked, answered };
};

type Facts = Pick<WaterfallRow, 'spans' | 'path' | 'errors' | 'isCulprit' | 'isErrorOrigin' | 'lateMicros'>;

/** What is true of any row of these spans. */
const factsOf = (tree: Tree, spans: readonly number[], culprit: ReadonlySet<number>): Facts => {
  const { trace, analysis, path, whole } = tree;
  const end = spans.reduce((last, span) => Math.max(last, timeOf(tree, span).toMicros), 0);
  return {
    spans,
    path: spans.flatMap((span) => path.get(span) ?? []).toSorted((a, b) => a.fromMicros - b.fromMicros),
    errors: spans.filter((span) => trace.spans[span]?.isError).length,
    isCulprit: spans.some((span) => culprit.has(span)),
    isErrorOrigin: analysis.errorOrigin !== null && spans.includes(analysis.errorOrigin),
    lateMicros: end - whole.toMicros > whole.toMicros / 100 ? end - whole.toMicros : 0,
  };
};

/** "×14, 2 failed" of like calls; "try 2" of the focus's call. */
const suffixOf = ({ analysis, children, trace }: Tree, { kind, calls }: Unit, errors: number): string => {
  if (kind === 'like') return `×${calls.length}${errors > 0 && errors < calls.length ? `, ${errors} failed` : ''}`;
  const tries = (children[analysis.focus] ?? []).filter((child) => trace.spans[child]?.kind === 'server');
  const index = calls[0] === undefined ? -1 : tries.indexOf(calls[0].outer);
  return analysis.attempts > 1 && tries.length > 1 && index >= 0 ? `try ${index + 1}` : '';
};

const inWords = ({ service, operation }: Name): string => [service, operation].filter((part) => part !== '').join(' ');

/** Where a row hangs. */
export type Place = Pick<WaterfallRow, 'parent' | 'depth'>;
/** What every row is made from; `culprit` are its spans. */
export type Known = { readonly tree: Tree; readonly namespace: string; readonly culprit: ReadonlySet<number> };

/** A call, like calls or the middle of a way. */
export const unitRow = ({ tree, namespace, culprit }: Known, unit: Unit, place: Place): WaterfallRow => {
  const { kind, calls } = unit;
  const [top = { outer: tree.analysis.focus, inner: null }] = calls;
  const services = new Set(spansOf(unit).map((span) => tree.trace.spans[span]?.service)).size;
  const name =
    kind === 'way'
      ? { service: '', operation: `… ${counted(calls.length, 'call')} in ${counted(services, 'service')}` }
      : nameOf(tree.trace, top.outer, top.inner, namespace);
  const each = calls.map(({ outer }) => timeOf(tree, outer));
  const tookMicros = kind === 'like' ? sumMicros(each) : lengthMicros(timeOf(tree, top.outer));
  const halves = halvesOf(tree, kind === 'way' ? [top] : calls);
  const errors = calls.filter((call) => spansOf({ calls: [call] }).some((span) => tree.trace.spans[span]?.isError)).length;
  const suffix = suffixOf(tree, unit, errors);
  const figure = kind === 'like' ? `(Σ ${took(tookMicros)})` : took(tookMicros);
  const text = [inWords(name), suffix, figure].filter((part) => part !== '').join(' ');
  const facts = factsOf(tree, spansOf(unit), culprit);
  return { kind, ...place, ...halves, ...facts, errors, name, suffix, text, tookMicros };
};

/** "… 47 spans in 5 services (max 12 ms, 2 errors)". */
export const restRow = ({ tree, culprit }: Known, spans: readonly number[], place: Place): WaterfallRow => {
  const facts = factsOf(tree, spans, culprit);
  const tookMicros = spans.reduce((most, span) => Math.max(most, lengthMicros(timeOf(tree, span))), 0);
  const services = new Set(spans.map((span) => tree.trace.spans[span]?.service)).size;
  const what = `… ${counted(spans.length, 'span')}`;
  const detail = [`max ${took(tookMicros)}`, ...(facts.errors === 0 ? [] : [counted(facts.errors, 'error')])].join(', ');
  return {
    kind: 'rest',
    ...place,
    ...facts,
    name: {
      service: '',
      operation: facts.errors === 0 ? `${what} in ${counted(services, 'service')}` : `${what}, ${facts.errors} failed`,
    },
    suffix: '',
    text: `${what} in ${counted(services, 'service')} (${detail})`,
    asked: [],
    answered: spans.map((span) => timeOf(tree, span)),
    isCulprit: false,
    tookMicros,
  };
};

/** Who called the focus, with the services on the way to it. Its other calls are not this picture's. */
export const contextRow = ({ tree, namespace, culprit }: Known): readonly WaterfallRow[] => {
  const { trace, analysis } = tree;
  const parent = trace.spans[analysis.focus]?.parent ?? null;
  if (parent === null) return [];
  const services = chainUp(tree, parent)
    .map((place) => nameOf(trace, place, place, namespace).service)
    .reverse()
    .filter((service, index, all) => service !== all[index - 1]);
  const { operation } = nameOf(trace, parent, parent, namespace);
  const name = { service: services.join(' › '), operation };
  const tookMicros = lengthMicros(timeOf(tree, parent));
  return [
    {
      kind: 'context',
      parent: null,
      depth: 0,
      ...factsOf(tree, [parent], culprit),
      name,
      suffix: '',
      text: `${inWords(name)} ${took(tookMicros)}`,
      asked: [],
      answered: [timeOf(tree, parent)],
      isErrorOrigin: false,
      tookMicros,
    },
  ];
};
