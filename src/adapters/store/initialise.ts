import { openDurable } from './durable-files.ts';

/** The child that makes a new data directory: `node initialise.ts DIRECTORY`. */
const directory = process.argv[2];
if (directory === undefined) process.exit(2);
const engine = await openDurable(directory);
await engine.close();
process.exit(0);
