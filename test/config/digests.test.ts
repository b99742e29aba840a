import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatMistakes } from '../../src/config/mistakes.ts';
import { readSettings } from '../../src/config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-digests-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Env = Readonly<Record<string, string>>;

const served = {
  PROMETHEUS_URL: 'http://p',
  SLACK_CHANNEL: '#mesh-alerts',
  SLACK_BOT_TOKEN: 'xoxb-canary',
  TIME_ZONE: 'Europe/Berlin',
};
const { SLACK_BOT_TOKEN: _, ...installed } = {
  ...served,
  ...{ SLACK_MODE: 'http', SLACK_SIGNING_SECRET: 'canary', SLACK_CLIENT_ID: '123.456', SLACK_CLIENT_SECRET: 'canary' },
  ...{ SLACK_TOKENS_KEY: Buffer.alloc(32, 7).toString('base64'), SLACK_TEAMS: 'T0ACME,T0BETA' },
};

const read = (yaml: string, env: Env = served) => {
  const path = join(folder, 'edgewise.yaml');
  writeFileSync(path, yaml);
  return readSettings({ ...env, CONFIG_FILE: path }, 'serve');
};
const objectivesOf = (yaml: string, env: Env = served) => {
  const result = read(yaml, env);
  if (!result.ok) throw new Error(formatMistakes(result.mistakes));
  return result.config.objectives;
};
const mistakesOf = (yaml: string, env: Env = served): string => {
  const result = read(yaml, env);
  if (result.ok) throw new Error('no mistake was found');
  return formatMistakes(result.mistakes);
};

describe('the digests of the configuration', () => {
  it('are none where none is named', () => {
    expect(objectivesOf('roles: {}').digests).toEqual([]);
  });

  it('come daily at nine in TIME_ZONE and tell a channel of its own objectives, where nothing else is said', () => {
    const usual = { rhythm: 'daily', weekday: 1, minuteOfDay: 540, zone: 'Europe/Berlin', choice: { kind: 'own' } };
    const of = { channel: '#payments', channelName: null, sinceMs: 0, by: null, team: null };
    expect(objectivesOf("digests: [{ channel: '#payments' }]").digests).toEqual([{ ...usual, ...of }]);
  });

  it('say their rhythm, day, time, zone and objectives', () => {
    const { digests } = objectivesOf(`digests:
  - { channel: C0123ABC, rhythm: weekly, weekday: Thursday, at: 08:30, zone: America/New_York, objectives: { owner: shop } }
  - { channel: C0123ABC, rhythm: daily, objectives: ['payments-*', cart-latency] }
`);
    expect(digests).toMatchObject([
      { rhythm: 'weekly', weekday: 4, minuteOfDay: 510, zone: 'America/New_York', choice: { kind: 'owner', owner: 'shop' } },
      { rhythm: 'daily', choice: { kind: 'names', names: ['payments-*', 'cart-latency'] } },
    ]);
  });

  it.each([
    ['{ rhythm: daily }', 'line 1, digests[0].channel: is missing; expected a channel name or id'],
    ["{ channel: '#Payments Team' }", 'digests[0].channel: is "#Payments Team"; expected a channel name or id'],
    ["{ channel: '#p', rhythm: hourly }", 'digests[0].rhythm: is "hourly"; expected daily or weekly'],
    ["{ channel: '#p', at: '24:00' }", 'digests[0].at: is "24:00"; expected a time of day in quotes, such as "09:00"'],
    ["{ channel: '#p', at: 9 }", 'digests[0].at: is 9; expected a time of day in quotes'],
    ["{ channel: '#p', rhythm: weekly, weekday: someday }", 'digests[0].weekday: is "someday"; expected a day of the week'],
    ["{ channel: '#p', weekday: monday }", 'digests[0].weekday: is "monday"; expected it beside rhythm: weekly'],
    ["{ channel: '#p', zone: Europe/Berlinn }", 'digests[0].zone: is "Europe/Berlinn"; expected an IANA zone'],
    ["{ channel: '#p', objectives: all }", 'digests[0].objectives: is "all"; expected own, {owner: NAME}, or a list of names'],
    ["{ channel: '#p', objectives: [] }", 'digests[0].objectives: is a list; expected at least one name'],
    ["{ channel: '#p', objectives: { ownr: shop } }", 'digests[0].objectives.ownr: is not a setting; expected owner'],
    ["{ channel: '#p', rythm: daily }", 'digests[0].rythm: is not a setting; expected rhythm; did you mean that?'],
    ["{ channel: '#p' }, { channel: p }", 'digests[1].channel: is "p"; expected a channel without another daily digest'],
    ["{ channel: '#p', team: T0ACME }", 'digests[0].team: is T0ACME; expected it not to be there: SLACK_BOT_TOKEN'],
  ])('name their mistake in %s', (digest, told) => {
    expect(mistakesOf(`digests: [${digest}]`)).toContain(told);
  });

  it('at night, and of objectives that no file defines, are something to know', () => {
    const { notices } = objectivesOf(`digests: [{ channel: '#p', at: '02:30', objectives: [cart] }]`);
    expect(notices.map(({ name, text }) => `${name}: ${text}`)).toEqual([
      'digests[0].at: 02:30 is when clocks change, and nobody reads: a digest is for the morning',
      'digests[0].objectives: no objective of SLO_FILES is meant; only those that rules record may be',
    ]);
    expect(objectivesOf(`digests: [{ channel: '#p', at: '04:00' }]`).notices).toEqual([]);
  });

  it('name the workspace of their channel where there are several, and only there', () => {
    const workspaces = "workspaces: [{ team: T0ACME, match: ['a=b'] }, { team: T0BETA }]\n";
    const two = `${workspaces}digests: [{ channel: '#p', team: T0ACME }, { channel: '#p', team: T0BETA }]`;
    expect(objectivesOf(two, installed).digests.map(({ team }) => team)).toEqual(['T0ACME', 'T0BETA']);
    expect(mistakesOf(`${workspaces}digests: [{ channel: '#p' }]`, installed)).toContain(
      'digests[0].team: is missing; expected which of the workspaces of SLACK_TEAMS its channel is in',
    );
    expect(mistakesOf(`${workspaces}digests: [{ channel: '#p', team: T0GAMMA }]`, installed)).toContain(
      'digests[0].team: is T0GAMMA; expected an id that SLACK_TEAMS has too',
    );
    const one = { ...installed, SLACK_TEAMS: 'T0ACME' };
    expect(objectivesOf("digests: [{ channel: '#p' }]", one).digests).toMatchObject([{ team: null }]);
  });
});
