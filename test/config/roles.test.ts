import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, formatMistakes, readSettings } from '../../src/config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-roles-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const serving = {
  PROMETHEUS_URL: 'http://prometheus:9090',
  ALERTMANAGER_URL: 'http://alertmanager:9093',
  SLACK_BOT_TOKEN: 'xoxb-1-2-abc',
  SLACK_CHANNEL: '#mesh-alerts',
};
const read = (yaml: string | null, env: Record<string, string> = {}) => {
  if (yaml === null) return readSettings({ ...serving, ...env }, 'serve');
  const path = join(folder, 'edgewise.yaml');
  writeFileSync(path, yaml);
  return readSettings({ ...serving, CONFIG_FILE: path, ...env }, 'serve');
};
const configOf = (yaml: string | null, env?: Record<string, string>): Config => {
  const result = read(yaml, env);
  if (!result.ok) throw new Error(formatMistakes(result.mistakes));
  return result.config;
};
const mistakesOf = (yaml: string | null, env?: Record<string, string>): string => {
  const result = read(yaml, env);
  if (result.ok) throw new Error('no mistake was found');
  return formatMistakes(result.mistakes);
};
const nobody = { users: [], groups: [], channels: [] };

describe('who may do what from Slack', () => {
  it('is everybody where nothing hangs on it, and nobody where alerts would be hidden', () => {
    expect(configOf(null)).toMatchObject({
      roles: { acknowledge: 'everyone', silence: nobody, digest: 'everyone' },
      silences: { isAllowed: false, mostSeconds: 14_400 },
    });
  });

  it('is whom the file names, by id; what it leaves out stays as usual', () => {
    const yaml = 'roles:\n  silence: { users: [U012ABC, W0XYZ], groups: [S0123ABC], channels: [C0AB] }\n  digest: nobody\n';
    expect(configOf(yaml).roles).toEqual({
      acknowledge: 'everyone',
      silence: { users: ['U012ABC', 'W0XYZ'], groups: ['S0123ABC'], channels: ['C0AB'] },
      digest: nobody,
    });
    expect(configOf('roles: { silence: everyone, acknowledge: { groups: [S012] } }').roles).toMatchObject({
      silence: 'everyone',
      acknowledge: { ...nobody, groups: ['S012'] },
    });
  });

  it.each([
    [
      'a name in place of an id',
      'silence: { users: [alice] }',
      /line 2, roles\.silence\.users\[0\]: is "alice"; expected the id of a person, such as U012ABC/,
    ],
    [
      'a handle of a group',
      'silence: { groups: ["@oncall"] }',
      /roles\.silence\.groups\[0\]: is .*; expected the id of a user group/,
    ],
    ['a name of a channel', 'silence: { channels: ["#oncall"] }', /channels\[0\]: is "#oncall"; expected the id of a channel/],
    ['a direct conversation', 'silence: { channels: [D012ABC] }', /channels\[0\]: is "D012ABC"; expected the id of a channel/],
    ['a person among the groups', 'digest: { groups: [U012ABC] }', /roles\.digest\.groups\[0\]: is "U012ABC"/],
    ['one id that is no list', 'silence: { users: U012ABC }', /roles\.silence\.users: is "U012ABC"; expected a list/],
    [
      'nobody by an empty mapping',
      'silence: {}',
      /roles\.silence: is a mapping; expected at least one user, group or channel; or nobody/,
    ],
    ['another word', 'silence: admins', /roles\.silence: is "admins"; expected everyone, nobody, or users, groups, channels/],
    ['a list', 'silence: [U012ABC]', /roles\.silence: is a list; expected everyone, nobody, or/],
    ['nothing', 'silence:', /roles\.silence: is null; expected everyone, nobody, or/],
    [
      'an action that is not there',
      'silense: everyone',
      /roles\.silense: is not a setting; expected silence; did you mean that\?/,
    ],
    [
      'a kind of people that is not there',
      'silence: { user: [U012ABC] }',
      /roles\.silence\.user: is not a setting; expected users; did/,
    ],
  ])('is not said by %s', (_what, line, mistake) => expect(mistakesOf(`roles:\n  ${line}\n`)).toMatch(mistake));
});

describe('SILENCES and SILENCE_MAX', () => {
  const roles = 'roles: { silence: { groups: [S012ABC] } }';

  it('switch it on, and say how long at most', () => {
    expect(configOf(roles, { SILENCES: 'on', SILENCE_MAX: '1d12h' }).silences).toEqual({ isAllowed: true, mostSeconds: 129_600 });
    expect(configOf(roles, { SILENCE_MAX: '7d' }).silences).toEqual({ isAllowed: false, mostSeconds: 604_800 });
  });

  it.each(['8d', '30s', 'long', '4', '-1h'])('refuse %s as the longest', (longest) =>
    expect(mistakesOf(roles, { SILENCE_MAX: longest })).toContain(
      `SILENCE_MAX: is "${longest}"; expected a duration between 1m and 7d, for example 8h`,
    ),
  );

  it('refuse another word', () =>
    expect(mistakesOf(roles, { SILENCES: 'yes' })).toContain('SILENCES: is "yes"; expected off or on'));

  it('want to know whom they are switched on for, and where silences are made', () => {
    expect(mistakesOf(null, { SILENCES: 'on' })).toContain(
      'roles.silence in CONFIG_FILE: is missing; expected whom it allows to',
    );
    expect(mistakesOf(roles, { SILENCES: 'on', ALERTMANAGER_URL: '' })).toContain('ALERTMANAGER_URL: is missing; expected where');
    const clusters = `${roles}\nclusters: [{ name: a, prometheus: { url: http://p } }]`;
    expect(mistakesOf(clusters, { SILENCES: 'on', PROMETHEUS_URL: '', ALERTMANAGER_URL: '' })).toContain(
      'alertmanager of a cluster in CONFIG_FILE: is missing',
    );
    const one = `${roles}\nclusters: [{ name: a, prometheus: { url: http://p }, alertmanager: { url: http://am } }]`;
    expect(configOf(one, { SILENCES: 'on', PROMETHEUS_URL: '', ALERTMANAGER_URL: '' }).silences.isAllowed).toBe(true);
  });

  it('are not asked for more where the file is wrong already', () => {
    const told = mistakesOf('roles: { silence: admins }', { SILENCES: 'on' });
    expect(told).toMatch(/^One setting is wrong:/);
  });
});
