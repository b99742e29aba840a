'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

/** The compiled command line of a release, else the source, whose types Node strips. */
const file = ['cli.js', 'cli.ts'].map((name) => join(__dirname, name)).find((path) => existsSync(path));

import(pathToFileURL(file).href).catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exitCode = 1;
});
