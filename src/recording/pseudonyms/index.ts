import { type Recording, sourceNames } from '../shape.ts';
import { dictionaryOf, renamer } from './dictionary.ts';
import { type Remains, remainsIn } from './remains.ts';
import { renamedRecording } from './rename.ts';
import { idsOfSpans } from './traces.ts';

export type Pseudonymised = {
  readonly recording: Recording;
  readonly rename: (text: string) => string;
  /** How many words and addresses were replaced. */
  readonly count: number;
  /** Words of names that stay. */
  readonly kept: readonly string[];
  readonly remains: Remains;
};

/** Everything in a recording that came from elsewhere; the names of our own fields stay out. */
const textOf = ({ cluster, delivery, question, exchanges }: Recording): string => {
  const { traces } = sourceNames(cluster);
  return JSON.stringify([
    cluster.name,
    cluster.renames,
    cluster.pinned.map(({ label, value }) => [label, value]),
    delivery,
    question,
    exchanges.map(({ source, path, query, form, json, ...answer }) => [
      source,
      path,
      query,
      form,
      json,
      'body' in answer ? (source === traces ? answer.body.replaceAll(idsOfSpans, '') : answer.body) : answer.failure.detail,
    ]),
  ]);
};

/** The recording with other names, the same ones for the same ones; whether it still tells the same is for a replay to show. */
export const pseudonymised = (recording: Recording): Pseudonymised => {
  const dictionary = dictionaryOf(recording);
  const rename = renamer(dictionary);
  const renamed = renamedRecording(recording, rename);
  return {
    recording: renamed,
    rename,
    count: dictionary.words.size + dictionary.addresses.size,
    kept: dictionary.kept,
    remains: remainsIn(textOf(renamed), dictionary),
  };
};
