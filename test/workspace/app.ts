import { App, HTTPReceiver, type LogLevel, SocketModeReceiver } from '@slack/bolt';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';

type Options = NonNullable<Parameters<typeof startWorkspace>[0]>;

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => 'error' as LogLevel,
  setName: () => undefined,
};

const clientOptions = (workspace: Workspace) => ({ slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 } });

/** A Bolt app beside a workspace, connected by Socket Mode. */
export const boltBySocket = async (options: Options = {}) => {
  const workspace = await startWorkspace({ isStrict: false, ...options });
  const receiver = new SocketModeReceiver({
    appToken: workspace.appToken,
    logger: silent,
    installerOptions: { clientOptions: clientOptions(workspace) },
  });
  const app = new App({
    token: workspace.botToken,
    receiver,
    convoStore: false,
    deferInitialization: true,
    logger: silent,
    clientOptions: clientOptions(workspace),
  });
  await app.init();
  await app.start();
  const stop = async (): Promise<void> => {
    await app.stop();
    await workspace.close();
  };
  return { workspace, app, stop };
};

/** The same in HTTP mode; `secret` is what the workspace signs with where that is not what the app expects. */
export const boltByHttp = async (secret = 'the signing secret') => {
  const receiver = new HTTPReceiver({ signingSecret: 'the signing secret', logger: silent });
  const held: { workspace: Workspace | null } = { workspace: null };
  const app = new App({
    token: 'xoxb-demo-workspace-edgewise',
    receiver,
    convoStore: false,
    deferInitialization: true,
    logger: silent,
    // The workspace has to know the port of the app before the app can know that of the workspace.
    clientOptions: {
      fetch: (url, init) => fetch(String(url).replace('https://slack.com/api/', held.workspace?.apiUrl ?? ''), init),
      retryConfig: { retries: 0 },
    },
  });
  const server = await receiver.start({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/slack/events`;
  const workspace = await startWorkspace({ isStrict: false, http: { url, signingSecret: secret } });
  held.workspace = workspace;
  await app.init();
  const stop = async (): Promise<void> => {
    await app.stop();
    await workspace.close();
  };
  return { workspace, app, url, stop };
};
