import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatMistakes } from '../../src/config/mistakes.ts';
import { readSettings } from '../../src/config.ts';
import { workspaceOf } from '../../src/domain/routing.ts';
import { alertWith } from '../support/report.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-workspaces-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const key = Buffer.alloc(32, 7).toString('base64');
const installing = {
  PROMETHEUS_URL: 'http://p',
  SLACK_CHANNEL: '#mesh-alerts',
  SLACK_MODE: 'http',
  SLACK_SIGNING_SECRET: 'canary-signing',
  SLACK_CLIENT_ID: '123.456',
  SLACK_CLIENT_SECRET: 'canary-client',
  SLACK_TOKENS_KEY: key,
  SLACK_TEAMS: 'T0ACME,T0BETA',
};
type Env = Readonly<Record<string, string>>;

const read = (yaml: string | null, more: Env = {}) => {
  const path = join(folder, 'edgewise.yaml');
  if (yaml !== null) writeFileSync(path, yaml);
  return readSettings({ ...installing, ...(yaml === null ? {} : { CONFIG_FILE: path }), ...more }, 'serve');
};
const installsOf = (yaml: string | null, more: Env = {}) => {
  const result = read(yaml, more);
  if (!result.ok) throw new Error(formatMistakes(result.mistakes));
  return result.config.slack.installs;
};
const mistakesOf = (yaml: string | null, more: Env = {}): string => {
  const result = read(yaml, more);
  if (result.ok) throw new Error('no mistake was found');
  return formatMistakes(result.mistakes);
};

const two = `workspaces:
  - { team: T0ACME, match: ['team="acme"', 'severity=~"page|critical"'], channel: '#acme' }
  - { team: T0BETA }
`;
const labelled = (labels: Record<string, string>) => alertWith(labels);

describe('several workspaces', () => {
  it('need no bot token, and every alert is for one of them: the first that matches, else the last', () => {
    const installs = installsOf(two);
    const of = (labels: Record<string, string>): string => workspaceOf(installs?.workspaces ?? [], labelled(labels));
    expect(of({ team: 'acme', severity: 'page' })).toBe('T0ACME');
    expect(of({ team: 'acme', severity: 'info' })).toBe('T0BETA');
    expect(of({})).toBe('T0BETA');
    expect(installs?.workspaces.map(({ channel }) => channel)).toEqual(['#acme', null]);
    expect(installs?.tokensKeys).toEqual([new Uint8Array(32).fill(7)]);
  });

  it('are one where one alone may install it: every alert is for that one', () => {
    const installs = installsOf(null, { SLACK_TEAMS: 'T0ACME' });
    expect(workspaceOf(installs?.workspaces ?? [], labelled({}))).toBe('T0ACME');
  });

  it('may change their key: the first encrypts, all decrypt', () => {
    const other = Buffer.alloc(32, 9).toString('base64');
    expect(installsOf(two, { SLACK_TOKENS_KEY: `${other},${key}` })?.tokensKeys.map(([first]) => first)).toEqual([9, 7]);
  });

  it.each<[string, string | null, Env, string]>([
    [
      'no word of which of them an alert is for',
      null,
      {},
      'workspaces in CONFIG_FILE: is missing; expected which of the workspaces',
    ],
    ['no list of who may install it', two, { SLACK_TEAMS: '' }, 'SLACK_TEAMS: is missing; expected the ids of the workspaces'],
    ['no key', two, { SLACK_TOKENS_KEY: '' }, 'SLACK_TOKENS_KEY: is missing; expected the key of the tokens'],
    [
      'no client secret',
      two,
      { SLACK_CLIENT_SECRET: '' },
      'SLACK_CLIENT_SECRET: is missing; expected it, because SLACK_CLIENT_ID',
    ],
    [
      'a key that is too short',
      two,
      { SLACK_TOKENS_KEY: 'c2hvcnQ=' },
      'SLACK_TOKENS_KEY: is a secret … of 8 characters; expected one or more keys of 32 bytes',
    ],
    [
      'an organisation in place of a workspace',
      two,
      { SLACK_TEAMS: 'E0ACME' },
      'SLACK_TEAMS: is "E0ACME"; expected ids of workspaces',
    ],
    [
      'a connection in place of requests',
      two,
      { SLACK_MODE: 'socket', SLACK_APP_TOKEN: 'xapp-1' },
      'SLACK_MODE: is socket; expected http, because SLACK_CLIENT_ID is set',
    ],
    [
      'a bot token beside it',
      two,
      { SLACK_BOT_TOKEN: 'xoxb-1' },
      'SLACK_BOT_TOKEN and SLACK_CLIENT_ID: is set both; expected only one',
    ],
    [
      'alerts for a workspace that may not install it',
      two,
      { SLACK_TEAMS: 'T0BETA' },
      'workspaces in CONFIG_FILE: is T0ACME; expected ids that SLACK_TEAMS has',
    ],
    ['alerts for nobody', 'workspaces: [{ team: T0ACME, match: [a="b"] }]', {}, 'workspaces[0].match'],
    ['an entry that no alert reaches', 'workspaces: [{ team: T0ACME }, { team: T0BETA }]', {}, 'workspaces[0].match'],
    ['one workspace twice', 'workspaces: [{ team: T0ACME, match: [a="b"] }, { team: T0ACME }]', {}, 'workspaces[1].team'],
    [
      'a name in place of an id',
      'workspaces: [{ team: acme }]',
      {},
      'workspaces[0].team: is "acme"; expected the id of a workspace',
    ],
  ])('with %s are a mistake', (_what, yaml, more, words) => {
    const told = mistakesOf(yaml, more);
    expect(told).toContain(words);
    expect(told).not.toMatch(/canary|BwcHBw/);
  });

  it('in the file are a mistake beside the token of one', () => {
    const none = Object.fromEntries(
      ['SLACK_CLIENT_ID', 'SLACK_CLIENT_SECRET', 'SLACK_TOKENS_KEY', 'SLACK_TEAMS'].map((name) => [name, '']),
    );
    expect(mistakesOf(two, { ...none, SLACK_BOT_TOKEN: 'xoxb-1' })).toContain(
      'workspaces in CONFIG_FILE: is set; expected SLACK_CLIENT_ID',
    );
  });
});
