import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ambient, bossDatabase, type Connection } from '../../../src/adapters/store/database.ts';
import { storeError } from '../../../src/adapters/store/errors.ts';

const named = (name: string, said: string[]): Connection => ({
  query: async (text, values = []) => {
    said.push([name, text, ...values].join(' '));
    return [];
  },
  script: async (text) => {
    said.push(`${name} ${text}`);
    return [];
  },
});

describe('statements', () => {
  it('join the transaction of their own task, those of the job queue too, and leave it when it is over', async () => {
    const said: string[] = [];
    let count = 0;
    const database = ambient(named('engine', said), async (work) => {
      count += 1;
      const result = await work(named(`t${count}`, said));
      said.push(`t${count} end`);
      return result;
    });
    let late: Promise<unknown> = Promise.resolve();
    await database.transact(async () => {
      await database.query('a', [1]);
      await database.transact(() => database.query('nested'));
      await bossDatabase(database).executeSql('cold cache');
      late = tick()
        .then(tick)
        .then(tick)
        .then(() => database.query('late'));
    });
    await database.query('outside');
    await late;
    expect(said).toEqual(['t1 a 1', 't1 nested', 't1 cold cache', 't1 end', 'engine outside', 'engine late']);
  });

  it('carry no text that PostgreSQL cannot hold', async () => {
    const said: string[] = [];
    const database = ambient(named('engine', said), (work) => work(named('t', said)));
    await database.query('q', ['a\u0000b', 'c\ud800', 3]);
    expect(said).toEqual(['engine q a\ufffdb c\ufffd 3']);
  });
});

describe('a failure of the store', () => {
  it.each([
    [{ code: '53100', message: 'could not extend file' }, 'too-expensive'],
    [{ code: 'ENOSPC', message: 'write' }, 'too-expensive'],
    [{ code: '28P01', message: 'password authentication failed' }, 'refused'],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: 'Host: x' }, 'refused'],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed certificate' }, 'refused'],
    [{ code: '3D000', message: 'database "x" does not exist' }, 'absent'],
    [{ code: '57014', message: 'canceling statement due to statement timeout' }, 'timeout'],
    [{ message: 'timeout exceeded when trying to connect' }, 'timeout'],
    [{ message: 'Query read timeout' }, 'timeout'],
    [{ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }, 'unreachable'],
    [{ code: '57P01', message: 'terminating connection due to administrator command' }, 'unreachable'],
    [{ code: '25006', message: 'cannot execute INSERT in a read-only transaction' }, 'unreachable'],
    [{ message: 'Connection terminated unexpectedly' }, 'unreachable'],
    [{ message: 'PGlite is closed' }, 'unreachable'],
    [{ code: '42601', message: 'syntax error at or near "timeout_of"' }, 'bug'],
    [new TypeError('x is not a function'), 'bug'],
    [null, 'bug'],
  ])('is one error with a fitting reason: %j', (error, reason) => {
    expect(storeError(error)).toMatchObject({ name: 'SourceError', source: 'store', reason });
  });
});
