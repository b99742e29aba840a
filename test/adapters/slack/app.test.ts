import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slackInbox } from '../../../src/adapters/slack/app.ts';
import { asTyped } from '../../../src/adapters/slack/inbox-gesture.ts';
import type { Gesture } from '../../../src/domain/gesture.ts';
import { startWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';
import { until } from '../../contracts/store-values.ts';
import { optionsFor } from './stage.ts';

describe('slash commands by Socket Mode', () => {
  let workspace: Workspace;
  let app: ReturnType<typeof slackInbox>;
  const heard: Gesture[] = [];
  beforeAll(async () => {
    workspace = await startWorkspace();
    app = slackInbox(
      optionsFor(workspace, async (gesture, screen) => {
        heard.push(gesture);
        const text = gesture.kind === 'command' ? gesture.text : gesture.kind;
        if (text === 'break') throw new Error('broken');
        const blocks = text === 'badly' ? [{ type: 'no_such_block' }] : [];
        await screen.say({ text: `heard ${text}`, blocks });
      }),
    );
    await app.start();
    await until(() => app.state() === 'connected');
  }, 30_000);
  afterAll(async () => {
    await app.stop();
    await workspace.close();
  });

  it('are answered to the asker alone, with what was typed and not what Slack made of it', async () => {
    const reply = await workspace.command('/mesh why a -> b & "c"', '#mesh-alerts');
    expect(reply.text).toBe('heard why a -> b & "c"');
    const channelId = workspace.channel('#mesh-alerts')?.id;
    expect(heard.at(-1)).toMatchObject({ text: 'why a -> b & "c"', person: { channelId, isStranger: false } });
    expect(workspace.messages('#mesh-alerts').at(-1)?.ephemeralFor).not.toBeNull();
  });

  it('are answered after Slack has refreshed the connection', async () => {
    const opened = () => workspace.calls.filter(({ method }) => method === 'apps.connections.open').length;
    const before = opened();
    workspace.disconnect('refresh_requested');
    await until(() => opened() > before && app.state() === 'connected');
    expect((await workspace.command('/mesh after', '#mesh-alerts')).text).toBe('heard after');
  }, 30_000);

  it('are read as typed where Slack made links of names', async () => {
    await workspace.command('/mesh why checkout', '#mesh-alerts');
    expect(asTyped('why <http://payments.shop|payments.shop> &amp; <#C012ABC|general> <@U012ABC|ann> &lt;!here&gt;')).toBe(
      'why payments.shop & general ann <!here>',
    );
  });

  it('are answered in plain text when Slack refuses the blocks of the answer', async () => {
    expect(await workspace.command('/mesh badly', '#mesh-alerts')).toEqual({ text: 'heard badly', blocks: [] });
  });

  it('are answered in words when they fail', async () => {
    expect((await workspace.command('/mesh break', '#mesh-alerts')).text).toBe('failed');
    expect((await workspace.command('/mesh again', '#mesh-alerts')).text).toBe('heard again');
  });
});
