import { afterEach, describe, expect, it } from 'vitest';
import { slackCalls } from '../../../src/adapters/slack/calls.ts';
import { channelNames } from '../../../src/adapters/slack/channel-names.ts';
import { slackWeb } from '../../../src/adapters/slack/web.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import { allScopes } from '../../../src/workspace/web-api.ts';
import { startWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';
import { fastClock } from '../../support/fast-clock.ts';

let workspace: Workspace;
const clock = fastClock(8);
const open = async (scopes: readonly string[] = allScopes) => {
  workspace = await startWorkspace({ channels: ['#payments'], nowMs: clock.nowMs, scopes });
  const { botToken, apiUrl } = workspace;
  const calls = slackCalls(slackWeb({ token: botToken, apiUrl }), clock, { onCall: () => undefined, onWait: () => undefined });
  return { calls, ...channelNames(calls), id: workspace.channel('#payments')?.id ?? '' };
};
afterEach(() => workspace.close());

describe('what a channel is called', () => {
  it('is told by Slack of a channel that the bot can see; of one that it cannot, nothing', async () => {
    const { nameOfChannel, id } = await open();
    expect(await nameOfChannel(id)).toEqual({ name: 'payments' });
    expect(await nameOfChannel('C0NOBODY')).toBeNull();
    Object.assign(workspace.channel('#payments') ?? {}, { isPrivate: true, isMember: false });
    expect(await nameOfChannel(id)).toBeNull();
  });

  it('is not known to a token that may not ask', async () => {
    const { nameOfChannel, id } = await open(allScopes.filter((scope) => scope !== 'channels:read'));
    expect(await nameOfChannel(id)).toEqual({ name: null });
  });

  it('is a failure where Slack does not answer', async () => {
    await open();
    const call = async (): Promise<never> => {
      throw Object.assign(new Error('x'), { statusCode: 503 });
    };
    await expect(channelNames({ call }).nameOfChannel('C0123ABC')).rejects.toBeInstanceOf(SourceError);
  });
});
