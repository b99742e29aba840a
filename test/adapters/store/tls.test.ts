import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../../src/adapters/store/postgres.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { type PostgresServer, postgresMissing, startPostgres, unprivileged } from '../../support/postgres.ts';

/** A CA and a certificate of it for `localhost`. */
const makeCertificates = (directory: string): readonly string[] => {
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: directory, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  writeFileSync(join(directory, 'san'), 'subjectAltName=DNS:localhost');
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=edgewise test', '-days', '2');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'san'];
  openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...signed);
  chmodSync(join(directory, 'server.key'), 0o600);
  unprivileged(join(directory, 'server.key'));
  return ['ssl=on', `ssl_cert_file=${directory}/server.pem`, `ssl_key_file=${directory}/server.key`];
};

const why = postgresMissing === null ? '' : `: ${postgresMissing}`;

describe.skipIf(postgresMissing !== null)(`PostgreSQL with TLS${why}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(makeCertificates);
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });
  const open = (host: string, words: string, caFile?: string) =>
    openPostgres({
      url: `postgres://edgewise@${host}:${server.port}/postgres?${words}`,
      clock: systemClock,
      log: () => undefined,
      ...(caFile && { caFile }),
    });
  const ca = () => join(server.directory, 'ca.pem');

  it('is used, and the job queue and its listener use it too, when the certificate proves the name', async () => {
    const store = await open('localhost', 'sslmode=verify-full', ca());
    const sessions = server.query(
      "select count(*) filter (where s.ssl) = count(*) and count(*) > 2 from pg_stat_activity a join pg_stat_ssl s using (pid) where application_name in ('edgewise', 'pgboss')",
    );
    expect(sessions).toBe('t');
    await store.close();
  });

  it.each([
    ['of another name', '127.0.0.1', 'sslmode=require', true],
    ['of an unknown CA', 'localhost', 'sslmode=verify-full', false],
    ['of an unknown CA, whatever the URL says', 'localhost', 'sslmode=no-verify&uselibpqcompat=true', false],
  ])('refuses a certificate %s', async (_what, host, words, isKnown) => {
    await expect(open(host, words, isKnown ? ca() : undefined)).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'refused',
      message: expect.stringMatching(/certificate/),
    });
  });
});
