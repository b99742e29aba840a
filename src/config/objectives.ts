import { sloTexts } from '../adapters/slo/files.ts';
import type { Refusal, SloFiles, SloSettings } from '../adapters/slo/found.ts';
import { readSloFiles } from '../adapters/slo/read-files.ts';
import type { ConfiguredDigest } from '../domain/digest-subscription.ts';
import { digestsFrom } from './digests.ts';
import type { FileConfig } from './file.ts';
import type { Mistake } from './mistakes.ts';
import type { Values } from './values.ts';

/** What a file of objectives leaves to the installation. */
export const sloSettingsFrom = (values: Values, file: FileConfig | null): SloSettings => ({
  slothPeriodDays: Number(values.get('SLOTH_PERIOD') ?? 30),
  meshOf: (cluster) => {
    const clusters = file?.clusters ?? [];
    const one = clusters.find(({ name }) => name === cluster) ?? clusters[0];
    return one?.mesh ?? (values.get('MESH') as ReturnType<SloSettings['meshOf']> | undefined) ?? 'istio';
  },
});

const mistakeOf = ({ file, name, field, given, expected }: Refusal): Mistake => ({
  name: `SLO_FILES ${file}${name === null ? '' : `, ${name}`}${field === 'file' ? '' : `, ${field}`}`,
  given,
  expected,
  example: null,
});

/** Clusters that objectives name and that there are not. */
const strangers = ({ slos }: SloFiles, values: Values, file: FileConfig | null): readonly Mistake[] => {
  const known = file?.clusters?.map(({ name }) => name) ?? [String(values.get('CLUSTER') ?? 'default')];
  return slos.flatMap(({ name, cluster, origin }) => {
    if (cluster === null || known.includes(cluster)) return [];
    const where = `SLO_FILES ${origin.file}, ${name}, cluster`;
    return [{ name: where, given: JSON.stringify(cluster), expected: `one of the clusters: ${known.join(', ')}`, example: null }];
  });
};

/** What files define, and who is told of it. */
export type Objectives = SloFiles & { readonly digests: readonly ConfiguredDigest[] };

/**
 * Reads SLO_FILES. A mistake in a file of ours, or one that nobody can read, is a mistake in the settings; what another tool's file says
 * and Edgewise cannot count is no mistake of anybody's, and must not keep alerts from being received.
 */
export const readObjectives = (
  values: Values,
  file: FileConfig | null,
): { readonly objectives: Objectives; readonly mistakes: readonly Mistake[] } => {
  const { texts, refused } = sloTexts((values.get('SLO_FILES') as readonly string[] | undefined) ?? []);
  const objectives = readSloFiles(texts, sloSettingsFrom(values, file));
  const { digests, notices } = digestsFrom(values, file, objectives.slos);
  const isOurs = ({ format }: Refusal): boolean => format === null || format === 'Edgewise';
  const ours = [...refused, ...objectives.refused.filter(isOurs)];
  return {
    objectives: {
      ...objectives,
      refused: objectives.refused.filter((refusal) => !isOurs(refusal)),
      notices: [...objectives.notices, ...notices],
      digests,
    },
    mistakes: [...ours.map(mistakeOf), ...strangers(objectives, values, file)],
  };
};
