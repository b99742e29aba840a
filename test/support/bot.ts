import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatMistakes, readSettings } from '../../src/config.ts';
import { freePort } from '../../src/demo/engine-process.ts';
import { serve } from '../../src/main.ts';
import type { Message } from '../../src/workspace/state.ts';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { alertBody, deliveryBody } from '../adapters/alertmanager/bodies.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server in Prometheus' place that misbehaves as it is told. */
export const startSource = async () => {
  let handler: Handler = (_request, response) => response.destroy();
  const server = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (next: Handler): void => {
      handler = next;
    },
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** A Prometheus answer with these series: each one labels, and the value it has at every moment that is asked, or at the first `most`. */
export const answering =
  (
    series: readonly (readonly [labels: Readonly<Record<string, string>>, value: string])[],
    more: object = {},
    most = 200,
  ): Handler =>
  async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const form = new URLSearchParams(text);
    const isRange = (request.url ?? '').includes('query_range');
    const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name)));
    const moments: number[] = [];
    for (let at = start ?? 0; isRange && at <= (end ?? 0) && moments.length < most; at += step || 60) moments.push(at);
    const result = series.map(([metric, value]) =>
      isRange ? { metric, values: moments.map((at) => [at, value]) } : { metric, value: [Number(form.get('time')), value] },
    );
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'success', data: { resultType: isRange ? 'matrix' : 'vector', result }, ...more }));
  };

const token = 'a-token-of-at-least-sixteen-bytes';

/** Settings of the shipped bot against this workspace and this source. */
export const environmentOf = (
  workspace: Pick<Workspace, 'apiUrl' | 'botToken'>,
  prometheusUrl: string,
  dataDir: string,
  port: number,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  PROMETHEUS_URL: prometheusUrl,
  QUERY_SECONDS: '3',
  SLACK_API_URL: workspace.apiUrl,
  SLACK_BOT_TOKEN: workspace.botToken,
  SLACK_CHANNEL: '#mesh-alerts',
  // One test tells of more edges than a channel may hear of at once.
  CHANNEL_BUDGET: '0',
  WEBHOOK_TOKENS: token,
  LISTEN: `127.0.0.1:${port}`,
  OPS_LISTEN: '127.0.0.1:0',
  DATA_DIR: dataDir,
  PICTURES: 'false',
  LOG_LEVEL: 'warn',
  ...more,
});

/** Sends a webhook body; resolves with the status. */
export const deliver = async (port: number, body: unknown): Promise<number> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${port}/webhooks/alertmanager`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  await answer.arrayBuffer();
  return answer.status;
};

const rule =
  'sum by (source_workload, source_workload_namespace, destination_service_name, destination_service_namespace) (rate(istio_requests_total{response_code=~"5.."}[5m])) > 0.05';

/** An alert that names the edge from `caller` to payments. */
export const edgeAlert = (caller: string, changes: Readonly<Record<string, unknown>> = {}, labels: object = {}) =>
  alertBody({
    fingerprint: caller,
    generatorURL: `http://prometheus:9090/graph?g0.expr=${encodeURIComponent(rule)}`,
    labels: {
      alertname: 'EdgeErrorRatioHigh',
      severity: 'page',
      source_workload: caller,
      source_workload_namespace: 'shop',
      destination_service_name: 'payments',
      // Each calls a payments of its own: three callers of one would be one trouble.
      destination_service_namespace: `shop-${caller}`.slice(0, 60),
      ...labels,
    },
    ...changes,
  });

/** The body of one group of alerts. */
export const groupOf = (alerts: readonly unknown[], name: string, changes: object = {}) => ({
  ...deliveryBody(alerts),
  groupKey: `{}:{alertname="${name}"}`,
  ...changes,
});

export const textOf = ({ text, blocks }: Message): string => `${text}\n${JSON.stringify(blocks)}`;

/** The shipped bot in this process: the real composition, the embedded store, the local workspace as Slack. */
export const startBot = async (prometheusUrl: string, more: Readonly<Record<string, string>> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-bot-'));
  const workspace = await startWorkspace({ isStrict: false });
  const environment = environmentOf(workspace, prometheusUrl, join(folder, 'data'), await freePort(), more);
  const read = readSettings(environment, 'serve');
  if (!read.ok) throw new Error(formatMistakes(read.mistakes));
  const logged: string[] = [];
  const running = await serve(read.config, environment, (level, event, fields) =>
    logged.push(`${level} ${event} ${JSON.stringify(fields)}`),
  );
  const roots = (name: string): readonly Message[] =>
    workspace.messages('#mesh-alerts').filter((message) => message.threadTs === null && textOf(message).includes(name));
  return {
    workspace,
    logged,
    roots,
    ...running,
    send: (body: unknown) => deliver(running.webhookPort, body),
    /** The one root about `name`, once it says `what`. */
    root: async (name: string, what = '', withinMs = 12_000): Promise<Message> => {
      const isThere = await workspace.until(() => roots(name).some((message) => textOf(message).includes(what)), withinMs);
      const [root] = roots(name);
      if (!isThere || root === undefined)
        throw new Error(`no root about ${name} says ${what}: ${roots(name).map(textOf).join('\n')}`);
      return root;
    },
    metrics: async (): Promise<string> => (await fetch(`http://127.0.0.1:${running.operationsPort}/metrics`)).text(),
    close: async (): Promise<void> => {
      await running.stop();
      await workspace.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
