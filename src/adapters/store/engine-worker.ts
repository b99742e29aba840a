import { parentPort, workerData } from 'node:worker_threads';
import type { Row } from './database.ts';
import { openDurable } from './durable-files.ts';
import { type Asked, faultOf, type Told } from './engine-wire.ts';

/** The thread that PGlite runs in: `workerData` is its data directory. It works what it is asked in order, and says so. */
const port = parentPort;
if (port === null) throw new Error('runs as a thread only');
const tell = (told: Told): void => port.postMessage(told);

const answering = async (id: number, work: () => Promise<readonly Row[]>): Promise<void> => {
  try {
    tell({ id, rows: await work() });
  } catch (error) {
    tell({ id, fault: faultOf(error) });
    // After a panic, or the trap that it ends in, its memory is no longer to be trusted, and the next statement might never return.
    const { name, severity } = (error ?? {}) as { readonly name?: unknown; readonly severity?: unknown };
    if (name === 'RuntimeError' || severity === 'PANIC') port.close();
  }
};

await answering(0, async () => {
  const engine = await openDurable(String(workerData));
  const work = async (asked: Asked): Promise<readonly Row[]> => {
    if (asked.kind === 'query') return (await engine.query<Row>(asked.text, [...asked.values])).rows;
    if (asked.kind === 'script') return (await engine.exec(asked.text)).flatMap(({ rows }) => rows as Row[]);
    if (asked.kind === 'listen') await engine.listen(asked.channel, (payload) => tell({ channel: asked.channel, payload }));
    else await engine.close();
    return [];
  };
  let last = Promise.resolve();
  port.on('message', (asked: Asked) => {
    last = last.then(() => answering(asked.id, () => work(asked)));
  });
  return [];
});
