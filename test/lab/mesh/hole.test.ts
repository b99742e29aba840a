import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { run } from '../../../src/demo/engine-run.ts';
import { openHole } from './hole.ts';

const python = (await run('python3', ['--version'])).ok;

it.skipIf(!python)(
  `a hole takes no connection and refuses none, and closes once and twice${python ? '' : ' (skipped: no python3)'}`,
  async () => {
    const hole = await openHole('127.0.0.1');
    const socket = connect(hole.port, hole.address);
    let heard = 'nothing';
    socket.once('connect', () => {
      heard = 'connected';
    });
    socket.once('error', () => {
      heard = 'refused';
    });
    await wait(300);
    expect(heard).toBe('nothing');
    socket.destroy();
    await hole.close();
    await hole.close();
  },
);
