import { openDurable, syncTree } from './durable-files.ts';

/** The child that makes a new data directory: `node initialise.ts DIRECTORY`. It ends with its parent, whose end closes its input. */
const directory = process.argv[2];
if (directory === undefined) process.exit(2);
process.stdin.on('end', () => process.exit(3)).resume();
const engine = await openDurable(directory);
await engine.close();
syncTree(directory);
process.exit(0);
