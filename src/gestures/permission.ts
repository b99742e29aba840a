import type { Person } from '../domain/gesture.ts';
import type { Incident } from '../domain/incident.ts';
import type { Message } from '../domain/message.ts';
import { type Action, groupsToAsk, mayDo, toStranger } from '../domain/roles.ts';
import { gather } from '../gather.ts';
import type { AuditEntry } from '../ports.ts';
import { plainAnswer } from '../stages/compose/answers.ts';
import { auditLine } from './audit-line.ts';
import type { GestureWorld } from './world.ts';

const groupsMs = 2000;

/** Whether a person may; null, or what to say. Where user groups cannot be read, who is known by them alone may not. */
const refusal = async (world: GestureWorld, action: Action, person: Person): Promise<string | null> => {
  const groups = groupsToAsk(world.roles, action, person);
  const without = mayDo(world.roles, action, person, new Set());
  if (groups.length === 0) return without.ok ? null : without.why;
  const mine = await gather('your user groups', 'Slack', groupsMs, (ask) => world.groupsOfUser(person.userId, groups, ask));
  if (!mine.ok) return `${without.ok ? '' : without.why} Your user groups are not known: Slack ${mine.gap.detail}.`;
  const judged = mayDo(world.roles, action, person, mine.value);
  return judged.ok ? null : judged.why;
};

/** What somebody did, before it is told: a line of the log, and a row of the store. Gives why there is no row; null where there is one. */
export const audit = async (
  world: GestureWorld,
  person: Person,
  incident: Incident | null,
  what: Pick<AuditEntry, 'action' | 'outcome' | 'detail'>,
): Promise<string | null> => {
  const entry: AuditEntry = {
    workspace: incident?.workspace ?? world.workspace,
    cluster: incident?.cluster ?? '',
    atMs: world.clock.nowMs(),
    by: person.userId,
    channelId: person.channelId,
    incidentId: incident?.id ?? null,
    ...what,
  };
  world.log('info', 'audit', auditLine(entry));
  const written = await gather('the audit', 'the store', 5000, () => world.store.audit(entry));
  if (written.ok) return null;
  world.log('error', 'an action is only in the log, not in the audit of the store', auditLine(entry));
  return written.gap.detail;
};

/** What came of something that needs a right. */
export type Came = { readonly message: Message; readonly outcome: AuditEntry['outcome']; readonly detail: string };

/** Lets a person do something where they may, and writes down either way. Gives what to tell them. */
export const permitted = async (
  world: GestureWorld,
  action: Action,
  name: string,
  { person, incident }: { readonly person: Person; readonly incident: Incident | null },
  run: () => Promise<Came>,
): Promise<Message> => {
  const why = await refusal(world, action, person);
  const came = why === null ? await run() : { message: plainAnswer([why]), outcome: 'refused' as const, detail: why };
  await audit(world, person, incident, { action: name, outcome: came.outcome, detail: came.detail });
  return came.message;
};

/** Whether a person may open a form at all; null, or what to say. That somebody was refused is written down. */
export const mayOpen = async (
  world: GestureWorld,
  action: Action,
  { person, incident }: { readonly person: Person; readonly incident: Incident },
): Promise<Message | null> => {
  const why = await refusal(world, action, person);
  if (why === null) return null;
  await audit(world, person, incident, { action, outcome: 'refused', detail: why });
  return plainAnswer([why]);
};

/** What people of another organisation are told in place of figures; null: nothing is kept from this person. */
export const keptFrom = (world: GestureWorld, person: Person): string | null =>
  person.isStranger && !world.showsStrangers
    ? toStranger(person, 'Figures and causes are kept from people of other organisations here.')
    : null;
