import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type Exchange,
  exchangeSchema,
  questionText,
  recordingSource,
  replayedSource,
} from '../../../src/adapters/http/recording.ts';
import { nearestAnswer } from '../../../src/adapters/prometheus/near-recording.ts';
import { sourceNames, wholeCluster } from '../../../src/recording/shape.ts';
import type { WorldHttp } from './play.ts';

const names = sourceNames(wholeCluster({ name: 'prod', mesh: 'istio' }));
const fileOf = (home: string, world: string): string => join(home, 'worlds', `${world}.json.gz`);
const read = new Map<string, readonly Exchange[]>();

const exchangesOf = (path: string): readonly Exchange[] => {
  const known = read.get(path);
  if (known !== undefined) return known;
  if (!existsSync(path)) throw new Error(`${path} is not there: node .ci/record-life.ts`);
  const exchanges = exchangeSchema.array().parse(JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')));
  read.set(path, exchanges);
  return exchanges;
};

/** The engines of a world as they answered; `onMissing` hears what was never asked of them. */
export const replayedWorld = (home: string, world: string, onMissing: (question: string) => void): WorldHttp => {
  const exchanges = exchangesOf(fileOf(home, world));
  const source = (name: string) =>
    replayedSource(name, exchanges, (asked, isNear) => (isNear ? undefined : onMissing(questionText(asked))), nearestAnswer);
  return { metrics: source(names.metrics), rules: source(names.rules) };
};

/** The engines of a world, and all that is asked of them. */
export const recordedWorld = ({ metrics, rules }: WorldHttp) => {
  const asked = new Map<string, Exchange>();
  const keep = ({ ms: _, ...exchange }: Exchange): void => {
    const { source, method, path, query, form } = exchange;
    const key = JSON.stringify([source, method, path, query, form]);
    if (!asked.has(key)) asked.set(key, exchange as Exchange);
  };
  return {
    http: {
      metrics: recordingSource({ ...metrics, name: names.metrics }, keep),
      rules: recordingSource({ ...rules, name: names.rules }, keep),
    },
    /** Everything once: what several stories ask at the same moment has one answer. Sorted, so that a new recording differs only by its answers. */
    write: (home: string, world: string): number => {
      const sorted = [...asked].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, exchange]) => exchange);
      writeFileSync(fileOf(home, world), gzipSync(JSON.stringify(sorted), { level: 9 }));
      return sorted.length;
    },
  };
};
