import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { addressOf } from '../../../src/adapters/store/address.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewise-address-'));
const ca = join(folder, 'ca.pem');
writeFileSync(ca, 'CA');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the address of PostgreSQL', () => {
  it.each([
    'postgres://u:p@db.example/edgewise',
    'postgres://u:p@db.example/edgewise?sslmode=require',
    'postgres://u:p@db.example/edgewise?sslmode=no-verify',
    'postgres://u:p@db.example/edgewise?sslmode=prefer&uselibpqcompat=true',
    'postgres://u:p@db.example/edgewise?ssl=0',
    'postgres://u:p@localhost/edgewise?host=db.example',
    'postgres://u:p@localhost/edgewise?sslmode=verify-full',
  ])('asks for a certificate with the right name: %s', (url) => {
    const { connection, tls } = addressOf(url);
    expect([tls, connection.ssl]).toEqual(['verified', { rejectUnauthorized: true }]);
    expect(connection.connectionString).not.toMatch(/ssl/);
  });

  it('goes without TLS only on this machine, or where the URL says disable', () => {
    expect(addressOf('postgres://u@localhost/edgewise').tls).toBe('local');
    expect(addressOf('postgres://u@[::1]:5432/edgewise').tls).toBe('local');
    expect(addressOf('postgres://u@x/edgewise?host=/run/postgresql').tls).toBe('local');
    expect(addressOf('postgres://u@db.example/edgewise?sslmode=disable')).toMatchObject({
      tls: 'disabled',
      connection: { ssl: false },
    });
  });

  it('trusts the CA that it is given, by setting or by URL', () => {
    expect(addressOf('postgres://u@db.example/e', ca).connection.ssl).toMatchObject({ ca: 'CA', rejectUnauthorized: true });
    expect(addressOf(`postgres://u@localhost/e?sslrootcert=${ca}`).connection.ssl).toMatchObject({
      ca: 'CA',
      rejectUnauthorized: true,
    });
  });

  it.each(['', 'db.example', 'mysql://u:secret@db/e', 'postgres//u:secret@db/e'])('refuses %j without repeating it', (url) => {
    try {
      addressOf(url);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ name: 'SourceError', reason: 'refused' });
      expect(JSON.stringify([String(error), (error as Error).cause])).not.toMatch(/secret/);
    }
  });

  it('refuses a CA file that is not there', () => {
    expect(() => addressOf('postgres://u@db.example/e', join(folder, 'none.pem'))).toThrow(/cannot be read/);
  });
});
