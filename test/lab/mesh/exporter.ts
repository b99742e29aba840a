import { createServer } from 'node:http';
import type { Counter, Pod } from '../lab.ts';
import { type Cell, type Counted, cellKey, countedConnections, countedRequests } from './counted.ts';
import { type Directory, labelsFor, type SidedLine } from './istio-labels.ts';
import { type Tail, tailOf } from './tail.ts';

/** `istio_*` metrics of every pod of a mesh, out of their proxies' access logs. */
export type Exporter = {
  readonly port: number;
  /** Reads what the proxies have printed by now. */
  readonly counters: () => readonly Counter[];
  readonly continueFrom: (counters: readonly Counter[]) => void;
  readonly stop: () => Promise<void>;
};

/** What one pod's proxy counted since the past ended, and where each counter stood then. */
type Book = { readonly live: Map<string, Counted>; readonly before: ReadonlyMap<string, Counter> };

const emptyBook = (before: readonly Counter[] = []): Book => ({
  live: new Map(),
  before: new Map(before.map((counter) => [cellKey(counter.name, counter.labels), counter])),
});

/** Null: a proxy that was killed while it wrote leaves half a line, and its successor writes on behind it. */
const lineFrom = (text: string): SidedLine | null => {
  try {
    return JSON.parse(text) as SidedLine;
  } catch {
    return null;
  }
};

const take = ({ live }: Book, line: SidedLine | null, self: Pod, directory: Directory): void => {
  if (line === null) return;
  // A probe of the proxy's own is no request of anybody's.
  if (line.user_agent === 'Envoy/HC') return;
  const labels = labelsFor(line, self, directory);
  const key = JSON.stringify(labels);
  const counted = live.get(key) ?? (line.kind === 'tcp' ? countedConnections(labels) : countedRequests(labels));
  live.set(key, counted);
  counted.observe({ duration: line.duration ?? 0, received: line.bytes_received ?? 0, sent: line.bytes_sent ?? 0 });
};

type Value = Pick<Counter, 'name' | 'labels' | 'value'>;

const valuesOf = ({ live, before }: Book): readonly Value[] => {
  const cells: readonly Cell[] = [...live.values()].flatMap((counted) => counted.cells);
  const known = new Set(cells.map(({ key }) => key));
  return [
    ...cells.map(({ name, labels, key, value }) => ({ name, labels, value: value() + (before.get(key)?.value ?? 0) })),
    ...[...before].filter(([key]) => !known.has(key)).map(([, { name, labels, value }]) => ({ name, labels, value })),
  ];
};

const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const exposition = (values: readonly Value[]): string => {
  const families = Map.groupBy(values, ({ name }) => name.replace(/_(bucket|sum|count)$/, ''));
  return [...families]
    .map(([family, members]) => {
      const type = members.some(({ name }) => name.endsWith('_bucket')) ? 'histogram' : 'counter';
      const lines = members.map(({ name, labels, value }) => {
        const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
        return `${name}{${pairs.join(',')}} ${value}`;
      });
      return `# TYPE ${family} ${type}\n${lines.join('\n')}\n`;
    })
    .join('');
};

type Watched = { readonly pod: Pod; readonly tail: Tail; book: Book };

/** Serves `/metrics/<pod>`: each pod is a target of its own, as in a cluster. */
export const startExporter = async (
  address: string,
  directory: Directory,
  logFileOf: (pod: Pod) => string,
): Promise<Exporter> => {
  const watched: readonly Watched[] = directory.pods.map((pod) => ({ pod, tail: tailOf(logFileOf(pod)), book: emptyBook() }));
  const readAll = (): void => {
    for (const { pod, tail, book } of watched) for (const text of tail.read()) take(book, lineFrom(text), pod, directory);
  };
  const timer = setInterval(readAll, 500);
  const server = createServer((request, response) => {
    readAll();
    const one = watched.find(({ pod }) => request.url === `/metrics/${pod.name}`);
    response.statusCode = one === undefined ? 404 : 200;
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(one === undefined ? '' : exposition(valuesOf(one.book)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    counters: () => {
      readAll();
      return watched.flatMap(({ book }, target) => valuesOf(book).map((value) => ({ target, ...value })));
    },
    continueFrom: (counters) => {
      readAll();
      for (const [target, one] of watched.entries())
        one.book = emptyBook(counters.filter((counter) => counter.target === target));
    },
    stop: async () => {
      clearInterval(timer);
      for (const { tail } of watched) tail.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
