import type { ReceivedSpan } from '../../domain/trace.ts';

/** A span that is told once, under a name of its own. */
export type ToldSpan = {
  /** The id as received; of several spans under one id the server's half ends with "/server", further ones with "/2", "/3". */
  readonly key: string;
  readonly span: ReceivedSpan;
};

type Distinct = {
  /** By key. */
  readonly told: readonly ToldSpan[];
  readonly duplicates: number;
  /** Ids that more than one span goes by. */
  readonly sharedIds: number;
};

/** The half of a call on the side of who was called: under an id of its own, or under the caller's (openzipkin/b3-propagation, "shared spans"). */
export const isCalleeHalf = ({ isShared, kind }: ReceivedSpan): boolean => isShared || kind === 'server' || kind === 'consumer';

/** Everything that a span says, the same for the same span however it came. */
const contentOf = ({ attributes, ...rest }: ReceivedSpan): string =>
  JSON.stringify([
    ...['parentId', 'isShared', 'isAsync', 'service', 'operation', 'kind', 'startMicros', 'durationMicros', 'isError'].map(
      (name) => rest[name as keyof typeof rest],
    ),
    Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);

/** How much of a span is missing: a tracer that has to report early sends the rest later, under the same id. */
const missingOf = ({ service, operation, kind, startMicros, durationMicros }: ReceivedSpan): number =>
  [service, operation || null, kind, startMicros, durationMicros].filter((value) => value === null).length;

const agree = <T>(a: T | null, b: T | null): boolean => a === null || b === null || a === b;

/** Nothing that one of them says is denied by the other. */
const isSameSpan = (a: ReceivedSpan, b: ReceivedSpan): boolean =>
  agree(a.service, b.service) &&
  agree(a.operation || null, b.operation || null) &&
  agree(a.kind, b.kind) &&
  agree(a.startMicros, b.startMicros) &&
  agree(a.durationMicros, b.durationMicros) &&
  agree(a.parentId, b.parentId) &&
  (a.isShared === b.isShared || (a.service !== null && a.service === b.service));

const merged = (a: ReceivedSpan, b: ReceivedSpan): ReceivedSpan => ({
  ...a,
  parentId: a.parentId ?? b.parentId,
  isShared: a.isShared || b.isShared,
  isAsync: a.parentId === null ? b.isAsync : a.isAsync,
  service: a.service ?? b.service,
  operation: a.operation || b.operation,
  kind: a.kind ?? b.kind,
  startMicros: a.startMicros ?? b.startMicros,
  durationMicros: a.durationMicros ?? b.durationMicros,
  isError: a.isError || b.isError,
  attributes: { ...b.attributes, ...a.attributes },
});

/** A fragment is looked for among the last so many, so that a flood under one id costs no more than its length. */
const lookBack = 8;

/** Spans of one id, fragments joined to what they belong to, the most whole one first. */
const joined = (spans: readonly ReceivedSpan[]): readonly ReceivedSpan[] => {
  const whole: ReceivedSpan[] = [];
  for (const span of [...spans].sort((a, b) => missingOf(a) - missingOf(b))) {
    const from = Math.max(0, whole.length - lookBack);
    const found = whole.slice(from).findIndex((one) => isSameSpan(one, span));
    const one = found < 0 ? undefined : whole[from + found];
    if (one === undefined) whole.push(span);
    else whole[from + found] = merged(one, span);
  }
  return whole;
};

/** Only servers share the id of a call. */
const asServer = (span: ReceivedSpan): ReceivedSpan => (span.isShared && span.kind === null ? { ...span, kind: 'server' } : span);

/** The caller's half keeps the id. */
const named = (id: string, spans: readonly ReceivedSpan[]): readonly ToldSpan[] => {
  const callees = spans.filter(isCalleeHalf);
  const callers = spans.filter((span) => !isCalleeHalf(span));
  const server = callers.length > 0 ? callees[0] : undefined;
  return [...callers, ...callees].map((span, index) => ({
    key: index === 0 ? id : `${id}/${span === server ? 'server' : index + 1}`,
    span: asServer(span),
  }));
};

const byContent = (spans: readonly ReceivedSpan[]): ReadonlyMap<string, ReceivedSpan> => {
  const contents = spans.map((span) => [contentOf(span), span] as const);
  return new Map(contents.sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** Each span once: exact copies left out, fragments joined, different spans under one id told apart. The order of arrival means nothing. */
export const distinctSpans = (spans: readonly ReceivedSpan[]): Distinct => {
  let [duplicates, sharedIds] = [0, 0];
  const told: ToldSpan[] = [];
  for (const [id, group] of Map.groupBy(spans, (span) => span.id)) {
    const [only, second] = group;
    if (only !== undefined && second === undefined) {
      told.push({ key: id, span: asServer(only) });
      continue;
    }
    const different = [...byContent(group).values()];
    const whole = named(id, joined(different));
    duplicates += group.length - different.length;
    sharedIds += whole.length > 1 ? 1 : 0;
    for (const one of whole) told.push(one);
  }
  return { told: told.sort((a, b) => (a.key < b.key ? -1 : 1)), duplicates, sharedIds };
};
