import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { edgeAlert, groupOf } from '../support/bot.ts';
import { postgresMissing, startPostgres } from '../support/postgres.ts';
import { startInstalledBot } from './bot.ts';
import { startSlack } from './slack.ts';

/** Waits for what another replica sees at its next look. */
const eventually = async (isSo: () => Promise<boolean>): Promise<void> => {
  const untilMs = Date.now() + 60_000;
  while (!(await isSo())) {
    if (Date.now() > untilMs) throw new Error('did not become so within a minute');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

describe.skipIf(postgresMissing !== null)(`two replicas${postgresMissing === null ? '' : `: ${postgresMissing}`}`, () => {
  it('serve within a minute whom one of them let in, renew a token once, and both stop when it leaves', {
    timeout: 200_000,
  }, async () => {
    const server = await startPostgres();
    const slack = await startSlack();
    const more = { DATABASE_URL: server.database('replicas'), SLACK_TOKENS_KEY: randomBytes(32).toString('base64') };
    const [one, two] = [await startInstalledBot(slack, more), await startInstalledBot(slack, more)];
    try {
      expect((await one.install(slack.consent('T0BETA', 3600))).status).toBe(200);
      await eventually(async () => (await two.ready()).includes('(T0BETA) sending'));
      expect(await two.send(groupOf([edgeAlert('by-either')], 'by-either'))).toBe(200);
      await eventually(async () => slack.posted('T0BETA').some((message) => message.includes('by-either')));
      const renewals = slack.calls.filter(({ given }) => given['grant_type'] === 'refresh_token');
      expect(renewals).toHaveLength(1);
      slack.uninstall('T0BETA');
      await one.tell('events_api', {
        type: 'event_callback',
        team_id: 'T0BETA',
        event: { type: 'tokens_revoked', tokens: { oauth: ['U1'] } },
      });
      expect(await one.ready()).toContain('(T0BETA)');
      await one.tell('events_api', {
        type: 'event_callback',
        team_id: 'T0BETA',
        event: { type: 'tokens_revoked', tokens: { bot: ['U2'] } },
      });
      await eventually(async () => (await one.ready()).includes('T0BETA is not installed'));
      await eventually(async () => (await two.ready()).includes('T0BETA is not installed'));
    } finally {
      await Promise.all([one.close(), two.close()]);
      await slack.close();
      await server.stop();
    }
  });
});
