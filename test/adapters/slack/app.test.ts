import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackCommand, slackApp } from '../../../src/adapters/slack/app.ts';
import { startWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';
import { until } from '../../contracts/store-values.ts';

describe('slash commands by Socket Mode', () => {
  let workspace: Workspace;
  let app: ReturnType<typeof slackApp>;
  const heard: SlackCommand[] = [];
  beforeAll(async () => {
    workspace = await startWorkspace();
    app = slackApp({
      botToken: workspace.botToken,
      appToken: workspace.appToken,
      apiUrl: workspace.apiUrl,
      log: () => undefined,
      onCommand: async (command) => {
        heard.push(command);
        if (command.text === 'break') throw new Error('broken');
        return { text: `heard ${command.text}`, blocks: [] };
      },
    });
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
    expect(heard.at(-1)).toMatchObject({ text: 'why a -> b & "c"', channelId: workspace.channel('#mesh-alerts')?.id });
    expect(workspace.messages('#mesh-alerts').at(-1)?.ephemeralFor).not.toBeNull();
  });

  it('are answered in words when they fail', async () => {
    expect((await workspace.command('/mesh break', '#mesh-alerts')).text).toMatch(/could not answer this/);
    expect((await workspace.command('/mesh again', '#mesh-alerts')).text).toBe('heard again');
  });
});
