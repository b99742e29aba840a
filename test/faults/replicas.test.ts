import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../src/config.ts';
import { serve } from '../../src/main.ts';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { until } from '../contracts/store-values.ts';
import { environmentOf } from '../support/bot.ts';
import { freePort, type PostgresServer, postgresMissing, startPostgres } from '../support/postgres.ts';

const signingSecret = 'a-signing-secret-of-the-test';

/** A proxy that passes every request on to all replicas that are up: the same bytes under the same signature. */
const startRelay = async (portsNow: () => readonly number[]) => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const answers = await Promise.all(
      portsNow().map((port) =>
        fetch(`http://127.0.0.1:${port}${request.url}`, {
          method: 'POST',
          headers: headers as Record<string, string>,
          body: Buffer.concat(chunks),
        }),
      ),
    );
    response.writeHead(Math.max(...answers.map(({ status }) => status))).end(await answers[0]?.text());
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${port}/slack/events`, close: () => server.close() };
};

describe.skipIf(postgresMissing !== null)(`two shipped bots${postgresMissing === null ? '' : `: ${postgresMissing}`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-replicas-'));
  const logged: string[] = [];
  let server: PostgresServer;
  let workspace: Workspace;
  let relay: Awaited<ReturnType<typeof startRelay>>;
  let bots: readonly Awaited<ReturnType<typeof serve>>[] = [];
  let up: readonly number[] = [];

  const startOne = async (): Promise<Awaited<ReturnType<typeof serve>>> => {
    const environment = environmentOf(workspace, 'http://127.0.0.1:1', folder, await freePort(), {
      DATABASE_URL: server.url,
      SLACK_MODE: 'http',
      SLACK_SIGNING_SECRET: signingSecret,
    });
    const read = readSettings(environment, 'serve');
    if (!read.ok) throw new Error('settings');
    return serve(read.config, environment, (level, event, fields) => logged.push(`${level} ${event} ${JSON.stringify(fields)}`));
  };
  beforeAll(async () => {
    server = await startPostgres();
    relay = await startRelay(() => up);
    workspace = await startWorkspace({ isStrict: false, http: { url: relay.url, signingSecret } });
    bots = [await startOne(), await startOne()];
    up = bots.map(({ webhookPort }) => webhookPort);
    const greeted = () => workspace.calls.filter(({ method }) => method === 'auth.test').length >= 4;
    await until(greeted);
  }, 120_000);
  afterAll(async () => {
    for (const bot of bots) await bot.stop();
    relay.close();
    await workspace.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const answers = (): number => workspace.ephemerals().filter(({ text }) => text.startsWith('Edgewise: /mesh why')).length;

  it('answer a command once although both got it, signed alike', async () => {
    for (const count of [1, 2, 3]) {
      expect((await workspace.command('/mesh help', '#mesh-alerts')).text).toContain('/mesh why');
      await until(() => logged.filter((line) => line.includes('came again')).length === count);
      expect(answers()).toBe(count);
    }
  }, 60_000);

  it('answer while the database is away', async () => {
    await server.kill();
    up = up.slice(0, 1);
    expect((await workspace.command('/mesh help', '#mesh-alerts')).text).toContain('/mesh why');
    await until(() => logged.some((line) => line.startsWith('warn') && line.includes('whether a gesture was done elsewhere')));
    await server.start();
  }, 60_000);
});
