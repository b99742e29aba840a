import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createDurable } from './durable-files.ts';

/** The child that makes a new data directory: `node initialise.ts DIRECTORY`. It ends with its parent, whose end closes its input. */
const directory = process.argv[2];
if (directory === undefined) process.exit(2);
process.stdin.on('end', () => process.exit(3)).resume();

/** A release brings what initdb makes, since that takes seconds and 550 MiB; a checkout does not. */
const empty = fileURLToPath(new URL('./empty.tar.gz', import.meta.url));
await createDurable(directory, existsSync(empty) ? readFileSync(empty) : null);
process.exit(0);
