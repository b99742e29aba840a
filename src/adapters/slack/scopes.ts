/** What the bot asks for when a workspace installs it: those of manifests/slack/, which says what each is for. */
export const botScopes: readonly string[] = [
  'chat:write',
  'commands',
  'files:write',
  'files:read',
  'channels:read',
  'channels:join',
  'groups:read',
  'im:write',
  'channels:history',
  'groups:history',
];

/** Asked for only where somebody is allowed something by a user group. */
export const groupScope = 'usergroups:read';
