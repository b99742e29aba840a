import { writeSync } from 'node:fs';
import { openEmbedded } from '../../src/adapters/store/embedded.ts';
import { openPostgres } from '../../src/adapters/store/postgres.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { groupOf } from '../contracts/store-values.ts';
import { scope, startProgram } from './store-program.ts';

/** The program that is killed: `node store-child.ts embedded|postgres DIRECTORY|URL SLACKFILE`. It accepts, works and sends; each accepted delivery is a line. */
const [engine, target = '', path = ''] = process.argv.slice(2);
const options = { clock: systemClock, log: () => undefined };
const store = await (engine === 'embedded'
  ? openEmbedded({ ...options, dataDir: target })
  : openPostgres({ ...options, url: target })
).catch((error: unknown) => {
  writeSync(1, `REFUSED ${String(error)}\n`);
  process.exit(9);
});
await startProgram(store, { path });
writeSync(1, 'READY\n');

let serial = 0;
const acceptForEver = async (): Promise<void> => {
  for (;;) {
    serial += 1;
    const [name, receivedAtMs, groupKey] = [`n${process.pid}-${Date.now()}-${serial}`, Date.now(), `group-${serial % 5}`];
    await store.accept({ ...scope, receivedAtMs, group: groupOf(name, groupKey) });
    writeSync(1, `ACK ${name} ${receivedAtMs} ${groupKey}\n`);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 15));
  }
};
await Promise.all([acceptForEver(), acceptForEver(), acceptForEver()]);
