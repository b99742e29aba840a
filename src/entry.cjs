#!/usr/bin/env node
/*
 * The first file that runs, in syntax that any Node can read (ES5): where the Node at hand is too old it brings up the one
 * that `npm ci` installed, or explains what to do. What follows, in start.cjs, may use everything.
 */
'use strict';
var path = require('path');
var fs = require('fs');
var childProcess = require('child_process');

var wanted = [22, 19];
var version = process.versions.node.split('.').map(Number);
var isNewEnough = version[0] > wanted[0] || (version[0] === wanted[0] && version[1] >= wanted[1]);

function bringUp() {
  var root = path.join(__dirname, '..');
  var own = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!fs.existsSync(own)) {
    process.stderr.write(
      'Edgewise needs Node ' + wanted.join('.') + ' or newer; this is ' + process.versions.node + '.\n' +
      'In a checkout, `npm ci` brings a fitting one and every `npm run` uses it. Else install Node 24 from nodejs.org.\n'
    );
    process.exit(2);
  }
  var child = childProcess.spawn(own, [__filename].concat(process.argv.slice(2)), { stdio: 'inherit' });
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (name) {
    process.on(name, function () {
      child.kill(name);
    });
  });
  child.on('exit', function (code, signal) {
    process.exit(signal ? 1 : code);
  });
}

if (isNewEnough) require('./start.cjs');
else bringUp();
