/*
 * Runs before `npm test`, `npm run demo` and `npm run check` in a bare clone: installs what the lock file names, once.
 * Old syntax on purpose: it runs on whatever Node is at hand, before `npm ci` has brought the right one.
 */
'use strict';
var fs = require('fs');
var path = require('path');
var childProcess = require('child_process');

var root = path.join(__dirname, '..');
var lock = path.join(root, 'package-lock.json');
var installed = path.join(root, 'node_modules', '.package-lock.json');

function isInstalled() {
  return fs.existsSync(installed) && fs.statSync(installed).mtime >= fs.statSync(lock).mtime;
}

if (!isInstalled()) {
  process.stdout.write('Installing what package-lock.json names (npm ci) ...\n');
  var npm = process.env.npm_execpath;
  var result =
    npm && /\.c?js$/.test(npm)
      ? childProcess.spawnSync(process.execPath, [npm, 'ci', '--no-fund', '--no-audit', '--loglevel=error'], { cwd: root, stdio: 'inherit' })
      : childProcess.spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
          cwd: root,
          stdio: 'inherit',
          shell: process.platform === 'win32',
        });
  if (result.status !== 0) {
    process.stderr.write('npm ci failed; see above. Edgewise needs the npm registry once.\n');
    process.exit(result.status || 1);
  }
  fs.utimesSync(installed, new Date(), new Date());
}
