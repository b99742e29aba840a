import { createServer, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

type Delayed = { readonly url: string; readonly calls: () => number; readonly close: () => Promise<void> };

/** Hears the path of every question, without its query, and the answer. */
type OnAnswer = (path: string, text: string) => void;

/** A proxy on loopback that lets every request wait, then passes it on; addresses of the target in answers become its own. */
export const delayed = async (target: string, delayMs: number, onAnswer: OnAnswer = () => undefined): Promise<Delayed> => {
  const upstream = new URL(target);
  let calls = 0;
  let self = '';
  const server = createServer(async (incoming, outgoing) => {
    calls += 1;
    const [body] = await Promise.all([buffer(incoming), wait(delayMs)]);
    const options = { host: upstream.hostname, port: upstream.port, path: incoming.url, method: incoming.method };
    const passed = request({ ...options, headers: { ...incoming.headers, host: upstream.host } }, async (answer) => {
      const text = (await buffer(answer)).toString('latin1').replaceAll(upstream.origin, self);
      onAnswer(incoming.url?.split('?')[0] ?? '', text);
      const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, headers).end(Buffer.from(text, 'latin1'));
    });
    passed.once('error', () => outgoing.destroy());
    passed.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  self = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    url: self,
    calls: () => calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
