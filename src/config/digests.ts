import type { Notice } from '../adapters/slo/found.ts';
import { type ConfiguredDigest, slosFor } from '../domain/digest-subscription.ts';
import { clockOf, isAtNight } from '../domain/digest-words.ts';
import type { Slo } from '../domain/slo.ts';
import { subscriptionOf } from './digests-schema.ts';
import type { FileConfig } from './file.ts';
import type { Values } from './values.ts';

const noticesOf = (digest: ConfiguredDigest, index: number, slos: readonly Slo[]): readonly Notice[] => {
  const { minuteOfDay, choice } = digest;
  const notice = (field: string, text: string): Notice => ({ file: 'CONFIG_FILE', name: `digests[${index}].${field}`, text });
  return [
    ...(isAtNight(minuteOfDay)
      ? [notice('at', `${clockOf(minuteOfDay)} is when clocks change, and nobody reads: a digest is for the morning`)]
      : []),
    ...(choice.kind !== 'own' && slosFor(digest, slos).length === 0
      ? [notice('objectives', 'no objective of SLO_FILES is meant; only those that rules record may be')]
      : []),
  ];
};

/** The digests of the file, and what to know of them. */
export const digestsFrom = (
  values: Values,
  file: FileConfig | null,
  slos: readonly Slo[],
): { readonly digests: readonly ConfiguredDigest[]; readonly notices: readonly Notice[] } => {
  const timeZone = String(values.get('TIME_ZONE') ?? 'UTC');
  const digests = (file?.digests ?? []).map((given) => ({ ...subscriptionOf(given, timeZone), team: given.team ?? null }));
  return { digests, notices: digests.flatMap((digest, index) => noticesOf(digest, index, slos)) };
};
