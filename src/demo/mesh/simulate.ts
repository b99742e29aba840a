import { boundsMs, type Counters, observe, type Series, startCounters } from './counters.ts';
import type { Effect } from './faults.ts';
import { type Random, seeded } from './noise.ts';
import { addMany, type Kind, profileOf } from './profile.ts';
import { drawRequest, entrances, everyCall, type Plan, type Request } from './requests.ts';
import { cpuSecondsPerRequest, idleCores, services } from './topology.ts';

/** Slow waves of a day and a week, and the noise of minutes: what a healthy mesh does. */
const trafficAt = (atMs: number, wobble: number): number => {
  const hours = (atMs / 3_600_000) % 24;
  const day = Math.floor(atMs / 86_400_000) % 7;
  return (1 + 0.12 * Math.sin(((hours - 9) / 24) * 2 * Math.PI)) * (day === 2 || day === 3 ? 0.95 : 1) * Math.exp(0.04 * wobble);
};

/** The processor time that the pods of one version of a service used. */
export type Pods = { readonly service: string; readonly namespace: string; readonly version: string; cpuSeconds: number };

export type Mesh = {
  readonly pods: () => readonly Pods[];
  readonly series: () => readonly Series[] /** Lets time pass up to `atMs`, with these effects in force. */;
  readonly advance: (atMs: number, effects: readonly Effect[]) => void;
};

/** Hears of a request when it has ended. */
export type Watch = (request: Request, endMs: number) => void;

type MeshOptions = {
  readonly seed?: number;
  /** From this moment on each request is drawn for itself; before it, and where nothing is said, they are counted as the many that they are. */
  readonly singlyFromMs?: number;
  readonly watch?: Watch | undefined;
};

/** Where more than this pass at once, a laptop slept. */
const mostSingly = 20_000;

/** What the effects in force make of requests: worked out once for each set of them. */
const byEffects = <T>(make: (effects: readonly Effect[]) => T): ((effects: readonly Effect[]) => T) => {
  let last: { readonly key: string; readonly made: T } | null = null;
  return (effects) => {
    const key = JSON.stringify(effects);
    if (last?.key !== key) last = { key, made: make(effects) };
    return last.made;
  };
};

/** What the mesh has counted, and the dice that it throws. */
type Book = { readonly random: Random; readonly counters: Counters; readonly pods: ReadonlyMap<string, Pods> };

const emptyBook = (seed: number): Book => ({
  random: seeded(seed),
  counters: startCounters(),
  pods: new Map(
    services.flatMap(({ name, namespace, versions }) =>
      versions.map((version) => [`${name}>${version.name}`, { service: name, namespace, version: version.name, cpuSeconds: 0 }]),
    ),
  ),
});

const work = ({ pods }: Book, { call, version }: Request, count: number): void => {
  const host = pods.get(`${call.callee}>${version}`);
  if (host) host.cpuSeconds += count * cpuSecondsPerRequest;
};

/** Draws one request and counts all its calls. */
const passOne = (book: Book, entrance: Plan): Request => {
  const request = drawRequest(entrance, book.random);
  everyCall(request, (one) => {
    const [caller, callee] = book.counters.of(one);
    if (caller) observe(caller, one.atCaller.seconds);
    if (callee && one.atCallee) observe(callee, one.atCallee.seconds);
    work(book, one, 1);
  });
  return request;
};

const passMany = (book: Book, kinds: readonly Kind[], expected: number): void => {
  const { random, counters } = book;
  for (const { example, perRequest, sides } of kinds) {
    const count = random.poisson(expected * perRequest);
    if (count === 0) continue;
    work(book, example, count);
    // Both ends count the same requests: one throw of the dice for both, or the callee would at times be slower than its caller sees.
    const dice = count < 40 ? boundsMs.map(() => random.uniform()) : null;
    for (const [index, series] of counters.of(example).entries()) {
      const side = sides[index];
      if (side) addMany(series, side, count, dice);
    }
  }
};

/** The mesh: counters that only rise, continued from the past into the present by the same rules. */
export const startMesh = (
  startMs: number,
  { seed = 7, singlyFromMs = Number.POSITIVE_INFINITY, watch = () => undefined }: MeshOptions = {},
): Mesh => {
  const book = emptyBook(seed);
  const { random, counters, pods } = book;
  const plansFor = byEffects(entrances);
  const kindsFor = byEffects((effects) => entrances(effects).map(profileOf));
  let nowMs = startMs;
  return {
    series: counters.all,
    pods: () => [...pods.values()],
    advance: (atMs, effects) => {
      const seconds = (atMs - nowMs) / 1000;
      if (seconds <= 0) return;
      const wobble = random.normal();
      for (const one of pods.values()) one.cpuSeconds += idleCores * seconds;
      for (const [index, entrance] of plansFor(effects).entries()) {
        const expected = entrance.call.perSecond * seconds * trafficAt(atMs, wobble);
        if (nowMs < singlyFromMs || expected > mostSingly) passMany(book, kindsFor(effects)[index] ?? [], expected);
        else
          for (let left = random.poisson(expected); left > 0; left -= 1)
            watch(passOne(book, entrance), nowMs + random.uniform() * (atMs - nowMs));
      }
      nowMs = atMs;
    },
  };
};
