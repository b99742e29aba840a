import type { Command } from './entry.ts';
import type { FileConfig } from './file.ts';
import type { Mistake } from './mistakes.ts';
import type { Values } from './values.ts';

/** What the installation of several workspaces needs, whichever of it is set first. */
const ofInstalls: readonly (readonly [name: string, expected: string])[] = [
  ['SLACK_CLIENT_ID', 'it'],
  ['SLACK_CLIENT_SECRET', 'it'],
  ['SLACK_TOKENS_KEY', 'the key of the tokens in the store (openssl rand -base64 32)'],
  ['SLACK_TEAMS', 'the ids of the workspaces that may install the app'],
];

const mistake = (name: string, expected: string, given: string | null = null): Mistake => ({
  name,
  given,
  expected,
  example: null,
});

/** A way that Slack's requests come by, without what they are known by. */
const wayMistakes = (values: Values): readonly Mistake[] => {
  const needed = values.get('SLACK_MODE') === 'http' ? 'SLACK_SIGNING_SECRET' : 'SLACK_APP_TOKEN';
  if (!values.has('SLACK_MODE') || values.has(needed)) return [];
  return [mistake(needed, `it, because SLACK_MODE is ${values.get('SLACK_MODE')}`)];
};

/** Which workspace an alert is for must be told where there are several. A file that cannot be read may well tell it. */
const workspacesMistakes = (values: Values, file: FileConfig | null): readonly Mistake[] => {
  const teams = (values.get('SLACK_TEAMS') as readonly string[] | undefined) ?? [];
  const rules = file?.workspaces;
  if (rules === undefined)
    return new Set(teams).size < 2 || (file === null && values.has('CONFIG_FILE'))
      ? []
      : [mistake('workspaces in CONFIG_FILE', 'which of the workspaces of SLACK_TEAMS an alert is for')];
  const unknown = values.has('SLACK_TEAMS') ? rules.find(({ team }) => !teams.includes(team)) : undefined;
  return unknown === undefined ? [] : [mistake('workspaces in CONFIG_FILE', 'ids that SLACK_TEAMS has too', unknown.team)];
};

/** Whose a digest's channel is must be told where there are several workspaces, and can be nobody else's. */
const digestMistakes = (values: Values, file: FileConfig | null): readonly Mistake[] => {
  const teams = (values.get('SLACK_TEAMS') as readonly string[] | undefined) ?? [];
  return (file?.digests ?? []).flatMap(({ team }, index) => {
    const name = `CONFIG_FILE, digests[${index}].team`;
    if (team === undefined)
      return new Set(teams).size < 2 ? [] : [mistake(name, 'which of the workspaces of SLACK_TEAMS its channel is in')];
    if (!values.has('SLACK_CLIENT_ID')) return [mistake(name, 'it not to be there: SLACK_BOT_TOKEN is of one workspace', team)];
    return !values.has('SLACK_TEAMS') || teams.includes(team) ? [] : [mistake(name, 'an id that SLACK_TEAMS has too', team)];
  });
};

const installMistakes = (values: Values, file: FileConfig | null): readonly Mistake[] => {
  const first = ofInstalls.find(([name]) => values.has(name));
  if (first === undefined)
    return file?.workspaces === undefined
      ? []
      : [mistake('workspaces in CONFIG_FILE', 'SLACK_CLIENT_ID beside it: SLACK_BOT_TOKEN is of one workspace', 'set')];
  const because = `because ${first[0]} is set`;
  return [
    ...ofInstalls.flatMap(([name, expected]) => (values.has(name) ? [] : [mistake(name, `${expected}, ${because}`)])),
    ...(values.get('SLACK_MODE') === 'http'
      ? []
      : [mistake('SLACK_MODE', `http, ${because}`, (values.get('SLACK_MODE') as string | undefined) ?? null)]),
    ...(values.has('SLACK_BOT_TOKEN')
      ? [
          mistake(
            'SLACK_BOT_TOKEN and SLACK_CLIENT_ID',
            'only one of the two: one workspace, or those that install the app',
            'set both',
          ),
        ]
      : []),
    ...workspacesMistakes(values, file),
  ];
};

/** Mistakes in how Slack is reached that no single setting shows; of commands that reach it. */
export const slackMistakes = (values: Values, file: FileConfig | null, command: Command): readonly Mistake[] =>
  command === 'serve' || command === 'doctor'
    ? [...wayMistakes(values), ...installMistakes(values, file), ...digestMistakes(values, file)]
    : [];
