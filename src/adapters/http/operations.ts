import { httpServer, type ListenerSettings, listen } from './server.ts';

export type OperationsOptions = ListenerSettings & {
  /** Whether it may take alerts, and the state of each part in words without alert text. */
  readonly readiness: () => Promise<{ readonly isReady: boolean; readonly parts: Readonly<Record<string, string>> }>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
};

/** `/healthz`, `/readyz` and `/metrics` on a port of their own, so that the webhook's port can be closed to everybody else. */
export const operationsServer = async (
  options: OperationsOptions,
): Promise<{ readonly start: () => Promise<number>; readonly stop: () => Promise<void> }> => {
  const app = await httpServer(options);
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const { isReady, parts } = await options.readiness();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', ...parts });
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await options.metrics();
    return reply.header('content-type', contentType).send(text);
  });
  return { start: () => listen(app, options), stop: () => app.close() };
};
