import type { Person } from './gesture.ts';

/** What needs a right. Looking needs none. */
export type Action = 'acknowledge' | 'silence' | 'digest';

/** Who may: everybody, or these people, members of these user groups, and whoever asks in these channels. Ids only. */
export type Allowed =
  | 'everyone'
  | { readonly users: readonly string[]; readonly groups: readonly string[]; readonly channels: readonly string[] };

export type Roles = Readonly<Record<Action, Allowed>>;

type Named = Exclude<Allowed, 'everyone'>;

/** Nobody may: what is so until somebody is allowed to. */
export const nobodyMay: Named = { users: [], groups: [], channels: [] };

/** Where nothing is configured: saying that one looks after it changes nothing in Alertmanager, a silence does. */
export const usualRoles: Roles = { acknowledge: 'everyone', silence: nobodyMay, digest: 'everyone' };

const words: Readonly<Record<Action, string>> = {
  acknowledge: 'acknowledge an incident',
  silence: 'silence alerts',
  digest: 'ask for a digest',
};

const mostNamed = 4;

const listed = (noun: string, ids: readonly string[]): readonly string[] =>
  ids.length === 0
    ? []
    : [`${noun} ${ids.slice(0, mostNamed).join(', ')}${ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : ''}`];

/** Whom a role names, in words: "members of the user group S012, whoever asks in the channel C034". */
const whoMay = ({ users, groups, channels }: Named): string => {
  const many = (ids: readonly string[]): string => (ids.length > 1 ? 's' : '');
  return [
    ...listed('', users).map((text) => text.trim()),
    ...listed(`members of the user group${many(groups)}`, groups),
    ...listed(`whoever asks in the channel${many(channels)}`, channels),
  ].join('; ');
};

/** What a stranger is told; where it is not known whether they are one, with why. */
export const toStranger = ({ doubt }: Person, told: string): string => (doubt === undefined ? told : `${told} ${doubt}`);

/** Whether a person may, and who may where this one may not. */
type Permission = { readonly ok: true } | { readonly ok: false; readonly why: string };

/**
 * `groupsOf` holds the user groups that the person is a member of. Another organisation's people never may, whatever is configured: a
 * channel that is shared with them would let them in.
 */
export const mayDo = (roles: Roles, action: Action, person: Person, groupsOf: ReadonlySet<string>): Permission => {
  if (person.isStranger)
    return { ok: false, why: toStranger(person, `People of another organisation may look, not ${words[action]}.`) };
  const allowed = roles[action];
  if (allowed === 'everyone') return { ok: true };
  const { users, groups, channels } = allowed;
  const isHere = person.channelId !== null && channels.includes(person.channelId);
  if (users.includes(person.userId) || groups.some((group) => groupsOf.has(group)) || isHere) return { ok: true };
  const who = whoMay(allowed);
  return {
    ok: false,
    why:
      who === ''
        ? `Nobody may ${words[action]} from Slack: whoever runs Edgewise allows it with roles.${action} in CONFIG_FILE.`
        : `Who may ${words[action]} here: ${who}.`,
  };
};

/** The user groups that must be asked for to know whether somebody may; none where it is settled without. */
export const groupsToAsk = (roles: Roles, action: Action, person: Person): readonly string[] => {
  const allowed = roles[action];
  return allowed === 'everyone' || mayDo(roles, action, person, new Set()).ok || person.isStranger ? [] : allowed.groups;
};
