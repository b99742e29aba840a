import { setTimeout as wait } from 'node:timers/promises';
import { httpServer, type ListenerSettings, listen } from './server.ts';

/** Whether alerts are taken, and the state of each part in words, without alert text: the port may be open to the whole cluster. */
type Readiness = { readonly isReady: boolean; readonly parts: Readonly<Record<string, string>> };

export type OperationsOptions = ListenerSettings & {
  readonly readiness: () => Promise<Readiness>;
  /** Told at each question for readiness or metrics, so that the metrics say it too. */
  readonly onReadiness?: (isReady: boolean) => void;
  readonly metrics: { readonly contentType: string; readonly exposition: () => Promise<string> };
  /** A part that does not answer in this time is not ready; default 2 s. */
  readonly readyWithinMs?: number;
};

type OperationsServer = { readonly start: () => Promise<{ readonly port: number }>; readonly stop: () => Promise<void> };

/** An answer whatever happens: a hanging or failing part means not ready, and its error may hold what nobody should read. */
const askReadiness = async ({ readiness, onReadiness, readyWithinMs = 2000 }: OperationsOptions): Promise<Readiness> => {
  const patience = new AbortController();
  const late = wait(readyWithinMs, { isReady: false, parts: { check: 'did not answer in time' } }, { signal: patience.signal });
  try {
    const answer = await Promise.race([readiness(), late]);
    onReadiness?.(answer.isReady);
    return answer;
  } catch {
    onReadiness?.(false);
    return { isReady: false, parts: { check: 'failed' } };
  } finally {
    late.catch(() => undefined);
    patience.abort();
  }
};

/** `/healthz` (the process lives), `/readyz` (it takes alerts) and `/metrics`, on a port of their own. */
export const operationsServer = async (options: OperationsOptions): Promise<OperationsServer> => {
  const app = await httpServer(options);
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const { isReady, parts } = await askReadiness(options);
    return reply.code(isReady ? 200 : 503).send({ ...parts, status: isReady ? 'ready' : 'not ready' });
  });
  app.get('/metrics', async (_request, reply) => {
    await askReadiness(options);
    return reply.header('content-type', options.metrics.contentType).send(await options.metrics.exposition());
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'no such page: /healthz, /readyz, /metrics' }));
  app.setErrorHandler((_error, _request, reply) => reply.code(500).send({ error: 'failed' }));
  return { start: async () => ({ port: await listen(app, options) }), stop: () => app.close() };
};
