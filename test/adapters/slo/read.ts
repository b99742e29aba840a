import type { SloFiles, SloSettings } from '../../../src/adapters/slo/found.ts';
import { readSloFiles } from '../../../src/adapters/slo/read-files.ts';

const usual: SloSettings = { slothPeriodDays: 30, meshOf: () => 'istio' };

/** What one text means. */
export const readText = (text: string, settings: Partial<SloSettings> = {}): SloFiles =>
  readSloFiles([{ file: 'slos.yaml', text }], { ...usual, ...settings });

/** "name field: given, expected" of everything that is refused. */
export const refusalsOf = ({ refused }: SloFiles): readonly string[] =>
  refused.map(({ name, field, given, expected }) => `${name ?? 'file'} ${field}: ${given ?? 'missing'}, expected ${expected}`);
