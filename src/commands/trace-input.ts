import { existsSync } from 'node:fs';
import { systemClock } from '../adapters/system/clock.ts';
import { TraceFormatError } from '../adapters/traces/format-error.ts';
import { readTraces } from '../adapters/traces/wire.ts';
import type { ClusterConfig, Config } from '../config.ts';
import type { ReceivedTrace, Trace, TraceAnalysis } from '../domain/trace.ts';
import { findTrace } from '../find-trace.ts';
import { openTraceStores, uncounted } from '../sources.ts';
import { clean } from '../stages/compose/mrkdwn.ts';
import { foundWords } from '../stages/compose/trace-line.ts';
import { traceLink } from '../stages/compose/trace-links.ts';
import { settingsFrom } from '../wiring.ts';
import { nameOf, readNamedWithin } from './inputs.ts';
import { UsageError } from './usage.ts';

/** Larger than any trace that is read by a person, and what JSON of it costs fits into memory. */
const maxMebibytes = 64;

/** Traces to explain, and what is to be said of where they are from. */
export type TraceInput = {
  readonly traces: readonly ReceivedTrace[];
  /** As complaints name it. */
  readonly name: string;
  /** As the picture names it; the name of a file says nothing to whoever sees the picture later. */
  readonly source: string;
  /** Lines below a trace that was explained. */
  readonly footer: (explained: { readonly trace: Trace; readonly analysis: TraceAnalysis }) => readonly string[];
};

/** Traces of a file, `-` for standard input. Throws `UsageError`. */
const fromFile = (file: string): TraceInput => {
  try {
    const traces = readTraces(readNamedWithin(file, maxMebibytes));
    return {
      traces,
      name: nameOf(file),
      source: file === '-' ? 'from standard input' : 'from a file',
      footer: () => [],
    };
  } catch (error) {
    throw error instanceof TraceFormatError ? new UsageError(`${nameOf(file)} ${clean(error.message, 400)}`) : error;
  }
};

/** The clusters whose stores are asked: the named one, else all that have one. */
const clustersWithTraces = ({ clusters }: Config, named: string | undefined): readonly ClusterConfig[] => {
  const some = named === undefined ? clusters : clusters.filter(({ name }) => name === named);
  const names = clusters.map(({ name }) => name).join(', ');
  if (some.length === 0)
    throw new UsageError(`--cluster ${clean(named ?? '')}: this cluster is not configured; there are: ${names}`);
  const found = some.filter(({ traces }) => traces !== null);
  if (found.length === 0) throw new UsageError(`--cluster ${clean(named ?? '')}: it has no trace store (traces in CONFIG_FILE)`);
  return found;
};

const fromStores = async (
  id: string,
  config: Config,
  named: string | undefined,
): Promise<TraceInput | { readonly none: string }> => {
  const stores = openTraceStores(config, clustersWithTraces(config, named), { clock: systemClock, ...uncounted });
  try {
    const answer = await findTrace(id, stores);
    if ('words' in answer) return { none: answer.words.map((line) => clean(line, 400)).join('\n') };
    const { store, received } = answer;
    const { name } = store.traces;
    const { traceUi } = settingsFrom(config)(null, store.cluster);
    return {
      traces: [received],
      name,
      source: name,
      footer: (explained) => {
        const link = traceLink(traceUi, explained);
        return [`found ${foundWords({ way: 'id' }, name)}`, ...(link === null ? [] : [link.url])];
      },
    };
  } finally {
    await Promise.all(stores.map(({ close }) => close()));
  }
};

const isId = (text: string): boolean => /^[0-9a-f]{1,32}$/i.test(text) && !existsSync(text);

/** What `edgewise trace` was given: a file, or the id of a trace, which is asked of the stores. `none`: the words where no store has it. Throws `UsageError`. */
export const readTraceInput = async (
  given: string,
  cluster: string | undefined,
  settings: () => Config,
): Promise<TraceInput | { readonly none: string }> => {
  if (isId(given)) return fromStores(given.toLowerCase().padStart(32, '0'), settings(), cluster);
  if (cluster !== undefined) throw new UsageError(`--cluster ${clean(cluster)}: ${nameOf(given)} is a file, and of no cluster`);
  return fromFile(given);
};
