import type { Exchange } from '../../adapters/http/recording.ts';
import { type Asked, type Recording, sourceNames } from '../shape.ts';
import { jsonOf } from './collect.ts';
import { changedTraces } from './traces.ts';

type Rename = (text: string) => string;

/** Keys of the two APIs, whose words some installation may use as names. */
const ownKeys = new Set(['value', 'values', 'stats']);

/** Every text and every key of a JSON value. */
const renamedJson = (value: unknown, rename: Rename): unknown => {
  if (typeof value === 'string') return rename(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => renamedJson(item, rename));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      rename(key),
      ownKeys.has(key) && typeof inner !== 'string' ? inner : renamedJson(inner, rename),
    ]),
  );
};

/** What is no JSON is a web page or cut: nothing is read from it but that. JSON deeper than the stack is no answer of a source either. */
const renamedBody = (body: string, rename: Rename, isOfTraces = false): string => {
  const json = jsonOf(body);
  try {
    if (json !== undefined && isOfTraces) return JSON.stringify(changedTraces(json, rename));
    if (json !== undefined) return JSON.stringify(renamedJson(json, rename));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return /^\s*</.test(body) ? '<removed/>' : 'removed';
};

type Pairs = Exchange['query'];

const renamedPairs = (pairs: Pairs, rename: Rename): Pairs => pairs.map(([name, value]) => [name, rename(value)]);

const renamedExchange = (exchange: Exchange, traces: string | null, rename: Rename): Exchange => {
  const asked = {
    ...exchange,
    source: rename(exchange.source),
    path: rename(exchange.path),
    query: renamedPairs(exchange.query, rename),
    form: renamedPairs(exchange.form, rename),
    ...(exchange.json === undefined ? {} : { json: renamedBody(exchange.json, rename) }),
  };
  return 'body' in asked
    ? { ...asked, body: renamedBody(asked.body, rename, exchange.source === traces) }
    : { ...asked, failure: { ...asked.failure, detail: rename(asked.failure.detail) } };
};

const renamedNames = (names: Readonly<Record<string, string>>, rename: Rename): Record<string, string> =>
  Object.fromEntries(Object.entries(names).map(([from, to]) => [rename(from), rename(to)]));

const renamedAsked = ({ delivery, question }: Asked, rename: Rename): Asked =>
  question === undefined ? { delivery: renamedJson(delivery, rename) } : { question: rename(question) };

/** The recording with every text renamed: one function for all of it keeps what is asked and what is answered together. */
export const renamedRecording = (recording: Recording, rename: Rename): Recording => {
  const { version, atMs, cluster, exchanges } = recording;
  const { metrics, labels } = cluster.renames;
  const { traces } = sourceNames(cluster);
  return {
    version,
    atMs,
    cluster: {
      ...cluster,
      name: rename(cluster.name),
      renames: { metrics: renamedNames(metrics, rename), labels: renamedNames(labels, rename) },
      pinned: cluster.pinned.map(({ label, op, value }) => ({ label: rename(label), op, value: rename(value) })),
    },
    ...renamedAsked(recording, rename),
    exchanges: exchanges.map((exchange) => renamedExchange(exchange, traces, rename)),
  };
};
