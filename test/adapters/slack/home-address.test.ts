import { describe, expect, it } from 'vitest';
import { homeAddress } from '../../../src/adapters/slack/home-address.ts';

/** Slack, which knows one bot; `asked`: how often it was asked. */
const slack = (bot: unknown = { app_id: 'A0123ABC' }) => {
  const asked: (readonly [method: string, given: unknown])[] = [];
  const call = async (method: string, given: Record<string, unknown>): Promise<Record<string, unknown>> => {
    asked.push([method, given]);
    return { ok: true, bot };
  };
  return { call, asked };
};
const who = { team_id: 'T0123ABC', bot_id: 'B0123ABC' };
const address = 'slack://app?team=T0123ABC&id=A0123ABC&tab=home';

describe('the address of the Home', () => {
  it('names the app of the app-level token, and asks nobody', async () => {
    const { call, asked } = slack();
    expect(await homeAddress({ call }, 'xapp-1-A0123ABC-5678-abcdef', who)).toBe(address);
    expect(asked).toEqual([]);
  });

  it('names the app that Slack says the bot is of, where no token does', async () => {
    for (const token of [null, 'xapp-of-another-form', 'xapp-1-<A1>-5678']) {
      const { call, asked } = slack();
      expect(await homeAddress({ call }, token, who)).toBe(address);
      expect(asked).toEqual([['bots.info', { bot: 'B0123ABC' }]]);
    }
  });

  it('is none where team or app are not known, or have no form of an id', async () => {
    expect(await homeAddress(slack(), null, { bot_id: 'B0123ABC' })).toBeNull();
    expect(await homeAddress(slack(), null, { ...who, team_id: 'T1&id=A9' })).toBeNull();
    expect(await homeAddress(slack(), null, { team_id: 'T0123ABC' })).toBeNull();
    for (const bot of [undefined, {}, { app_id: 7 }, { app_id: 'A1|<!here>' }])
      expect(await homeAddress(slack(bot ?? null), null, who)).toBeNull();
  });
});
