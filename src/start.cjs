'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

/**
 * A bot that runs for months beside a mesh is small before it is quick. V8 sizes its heap by the machine's memory and collects late, and
 * it compiles the embedded store's WebAssembly twice, which takes 500 MiB for a moment and saves no CPU time (docs/bench.md). V8 reads
 * these flags only when a process starts, and NODE_OPTIONS may not hold the last two.
 */
const frugal = ['--max-semi-space-size=4', '--heap-growing-percent=50', '--liftoff-only'];

/** Node ends at a flag that it does not know: the last major version that was tried with these. */
const triedUpTo = 25;

/** `serve` begins again with these flags in the same process: same id, terminal and signals (execve(2), which Windows does not have). */
const beginAgain = ({ argv, env, execArgv, execPath, platform, versions }) => {
  if (argv[2] !== 'serve' || execArgv.includes(frugal[0]) || platform === 'win32' || parseInt(versions.node, 10) > triedUpTo)
    return;
  // glibc otherwise keeps an arena per thread, none of which ever shrinks.
  const environment = { MALLOC_ARENA_MAX: '2', ...env };
  process.execve(execPath, [execPath, ...frugal, ...execArgv, ...argv.slice(1)], environment);
};

beginAgain(process);

/** The compiled command line of a release, else the source, whose types Node strips. */
const file = ['cli.js', 'cli.ts'].map((name) => join(__dirname, name)).find((path) => existsSync(path));

import(pathToFileURL(file).href).catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exitCode = 1;
});
