import { type Entry, groupOf } from './entry.ts';
import { days, paths } from './kinds.ts';

const group = 'Objectives (SLOs, docs/slos.md)';
const serving = groupOf(group, ['serve', 'ask', 'doctor']);
const reading = groupOf(group, ['serve', 'ask', 'doctor', 'slo']);

/** Where objectives are defined, by us or by the tools that an installation has already. */
export const sloEntries: readonly Entry[] = [
  serving(
    'SLO_FILES',
    paths,
    '/etc/edgewise/slos,/etc/sloth/*.yaml',
    'Files, folders or patterns with objectives in the format of Edgewise, Sloth, Pyrra or OpenSLO; `edgewise slo check` says what is understood',
  ),
  reading('SLOTH_PERIOD', days, '28d', "Over how long Sloth's objectives are kept (its flag --default-slo-period)", {
    fallback: '30d',
  }),
];
