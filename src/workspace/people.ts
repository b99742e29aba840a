/** Who is in the workspace, and of which organisation: enough people to try who may do what. */

type Team = { readonly id: string; readonly name: string; readonly domain: string };
export type User = {
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly isBot: boolean;
  readonly teamId: string;
};
export type Group = { readonly id: string; readonly handle: string; readonly name: string; readonly users: readonly string[] };

export const ours: Team = { id: 'T0DEMO0001', name: 'Edgewise demo', domain: 'edgewise-demo' };
/** The other organisation of a channel that is shared (Slack Connect). */
const theirs: Team = { id: 'T0PARTNER1', name: 'Partner', domain: 'partner' };

export const appId = 'A0EDGEWISE';
export const botId = 'B0EDGEWISE';
export const botUserId = 'U0EDGEWISE';
/** Ada is on call, Bo is of the payments team, Sam is of another organisation. */
export const people = { ada: 'U0ONCALL01', bo: 'U0PAYMENT1', sam: 'U0PARTNER1' } as const;

export const users: readonly User[] = [
  { id: botUserId, name: 'edgewise', fullName: 'Edgewise', isBot: true, teamId: ours.id },
  { id: people.ada, name: 'ada', fullName: 'Ada (on call)', isBot: false, teamId: ours.id },
  { id: people.bo, name: 'bo', fullName: 'Bo (payments)', isBot: false, teamId: ours.id },
  { id: people.sam, name: 'sam', fullName: 'Sam (of Partner, another organisation)', isBot: false, teamId: theirs.id },
];

export const groups: readonly Group[] = [
  { id: 'S0ONCALL01', handle: 'on-call', name: 'On call', users: [people.ada] },
  { id: 'S0PAYMENT1', handle: 'payments', name: 'Payments team', users: [people.bo] },
];
