import { afterEach, describe, expect, it } from 'vitest';
import { type OperationsOptions, operationsServer } from '../../../src/adapters/http/operations.ts';
import { promTelemetry } from '../../../src/adapters/system/telemetry.ts';

const opened: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ stop }) => stop()));
});
const open = async (readiness: OperationsOptions['readiness'], changes: Partial<OperationsOptions> = {}) => {
  const telemetry = promTelemetry();
  const server = await operationsServer({
    host: '127.0.0.1',
    port: 0,
    readiness,
    onReadiness: telemetry.ready,
    metrics: telemetry,
    ...changes,
  });
  opened.push(server);
  const { port } = await server.start();
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };
  return { get, telemetry };
};

describe('the operations port', () => {
  it('says that the process lives, whatever is broken', async () => {
    const { get } = await open(async () => ({ isReady: false, parts: {} }));
    expect(await get('/healthz')).toMatchObject({ status: 200, text: '{"status":"alive"}' });
  });

  it('is ready when alerts are taken, also while Slack is down', async () => {
    const { get } = await open(async () => ({ isReady: true, parts: { store: 'healthy', slack: 'not connected since 07:15' } }));
    const answer = await get('/readyz');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ status: 'ready', store: 'healthy', slack: 'not connected since 07:15' });
  });

  it.each<[string, OperationsOptions['readiness']]>([
    ['says so', async () => ({ isReady: false, parts: { store: 'not answering', status: 'ready' } })],
    ['fails, without the words of the failure', () => Promise.reject(new Error('postgres://user:secret@host'))],
    ['hangs', () => new Promise<never>(() => undefined)],
  ])('is not ready when a part %s, and the metrics say it too', async (_name, readiness) => {
    const { get } = await open(readiness, { readyWithinMs: 20 });
    const answer = await get('/readyz');
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 'not ready' });
    expect(answer.text).not.toContain('secret');
    expect((await get('/metrics')).text).toMatch(/^edgewise_ready 0$/m);
  });

  it('serves the metrics as Prometheus reads them', async () => {
    const { get, telemetry } = await open(async () => ({ isReady: true, parts: {} }));
    telemetry.delivery('accepted', 5000);
    const { status, type, text } = await get('/metrics');
    expect({ status, type }).toEqual({ status: 200, type: telemetry.contentType });
    expect(text).toMatch(/^edgewise_deliveries_total\{result="accepted"\} 1$/m);
    expect(text).toMatch(/^edgewise_last_delivery_timestamp_seconds 5$/m);
    expect(text).toMatch(/^edgewise_ready 1$/m);
  });

  it('has no other page, and echoes nothing', async () => {
    const { get } = await open(async () => ({ isReady: true, parts: {} }));
    const answer = await get('/webhooks/<script>');
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('script');
  });
});
