import { type Entry, groupOf } from './entry.ts';
import { duration, oneOf } from './kinds.ts';

const people = groupOf('What people may do from Slack', ['serve', 'doctor']);

/** Who may is in CONFIG_FILE (roles); these say whether anybody may at all, and how much. */
export const peopleEntries: readonly Entry[] = [
  people(
    'SILENCES',
    oneOf('off', 'on'),
    'on',
    'Whether alerts may be silenced from Slack, by whom roles.silence in CONFIG_FILE names; needs an Alertmanager that lets Edgewise write',
    { fallback: 'off' },
  ),
  people('SILENCE_MAX', duration(60, 604_800), '8h', 'How long a silence that is made from Slack may last at most', {
    fallback: '4h',
  }),
];
