import type { Edge, EdgeEnd } from '../../domain/edge.ts';
import { SourceError } from '../../domain/gathered.ts';
import { isEnd, isNamedEnd, nameless, namesOf } from '../../domain/span-workload.ts';
import type { Ask, Clock } from '../../ports.ts';

const cacheMs = 5 * 60_000;
/** A slow list is read to its end for the next who asks, though the first has gone on without it. */
const readMs = 15_000;

type Names = readonly string[];

/** What comes of a promise, while there is patience for it. */
const whilePatient = async <T>(name: string, promise: Promise<T>, { signal }: Ask): Promise<T> => {
  const over = (): SourceError => new SourceError(name, 'timeout', 'did not list its services in time');
  if (signal.aborted) throw over();
  let stop = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    stop = () => reject(over());
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([promise, late]).finally(() => signal.removeEventListener('abort', stop));
};

/** Lists by key, each read at most once in five minutes, and once for all who ask at the same time. An empty one is asked for again. */
export const nameLists = (
  name: string,
  clock: Pick<Clock, 'nowMs'>,
  read: (key: string, signal: AbortSignal) => Promise<Names>,
): ((key: string, ask: Ask) => Promise<Names>) => {
  const kept = new Map<string, { readonly atMs: number; readonly names: Promise<Names> }>();
  return async (key, ask) => {
    if (ask.signal.aborted) return whilePatient(name, Promise.resolve([]), ask);
    const known = kept.get(key);
    if (known !== undefined && clock.nowMs() - known.atMs < cacheMs) return whilePatient(name, known.names, ask);
    const names = read(key, AbortSignal.timeout(readMs));
    const entry = { atMs: clock.nowMs(), names };
    kept.set(key, entry);
    const forget = (): void => {
      if (kept.get(key) === entry) kept.delete(key);
    };
    names.then((list) => list.length === 0 && forget(), forget);
    return whilePatient(name, names, ask);
  };
};

/** More names cost more calls than one patience has room for. */
const mostNames = 3;

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** Services of a store that mean this end: `checkout.shop` and `Checkout` before `checkout-v2`. */
const servicesOfEnd = (known: Names, end: EdgeEnd): Names => {
  const exact = [end.service, end.workload].flatMap((name) =>
    name === null ? [] : [name.toLowerCase(), `${name}.${end.namespace}`.toLowerCase()],
  );
  const isExact = (service: string): boolean => exact.includes(service.toLowerCase());
  return known
    .filter((service) => isEnd(namesOf({ service, attributes: {} }), end))
    .sort((a, b) => Number(isExact(b)) - Number(isExact(a)) || byText(a, b))
    .slice(0, mostNames);
};

/** Services to search by for calls of an edge, and those of the callee where they are others: its calls are among fewer. */
type EdgeServices = { readonly first: Names; readonly callee: Names };

/**
 * Which of a store's services to search by for calls of an edge: the caller's; the callee's where none is, as of a gateway that writes no spans;
 * else proxies that write spans under their own name. None where the store knows nobody of the edge.
 */
export const servicesFor = (known: Names, { source, destination }: Edge): EdgeServices => {
  const [caller, callee] = [source, destination].map((end) => (isNamedEnd(end) ? servicesOfEnd(known, end) : []));
  if (caller?.length) return { first: caller, callee: (callee ?? []).filter((name) => !caller.includes(name)) };
  if (callee?.length) return { first: callee, callee: [] };
  const isAnybody = !isNamedEnd(source) && !isNamedEnd(destination);
  const proxies = known.filter((service) => nameless.has(service.toLowerCase())).slice(0, mostNames);
  return { first: isAnybody ? [] : proxies, callee: [] };
};
