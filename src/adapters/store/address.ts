import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { refusal } from './errors.ts';

const isLocal = (host: string): boolean =>
  host === '' || host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/');

/** What the URL may say about TLS; taken out of it, since pg would let some of it switch the checking of names off. */
const tlsWords = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation', 'uselibpqcompat'];

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refusal(`certificate file ${path} cannot be read`, error);
  }
};

const parsed = (url: string): URL => {
  // The error of `new URL` quotes the URL, and with it the password.
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw refusal('address is no URL of the form postgres://user:password@host:5432/database');
  return new URL(url);
};

type Address = {
  readonly connection: { readonly connectionString: string; readonly ssl: false | ConnectionOptions };
  readonly host: string;
  /** Whether the server must prove its name. */
  readonly tls: 'verified' | 'local' | 'disabled';
};

/**
 * Where PostgreSQL is and how it is reached: TLS with the certificate and its name checked, whatever else `sslmode` says, except
 * for `sslmode=disable`, and for a server on this machine that is given neither `sslmode` nor a CA. `sslrootcert`, `sslcert` and
 * `sslkey` of the URL name files; `caFile` goes before `sslrootcert`. Throws `SourceError` (refused) for a URL or a file that is none.
 */
export const addressOf = (url: string, caFile?: string): Address => {
  const address = parsed(url);
  const word = (name: string): string | null => address.searchParams.get(name);
  const host = word('host') ?? decodeURIComponent(address.hostname).replace(/^\[(.+)\]$/, '$1');
  const [mode, ca, cert, key] = [word('sslmode'), caFile ?? word('sslrootcert'), word('sslcert'), word('sslkey')];
  for (const name of tlsWords) address.searchParams.delete(name);
  const connectionString = address.toString();
  if (mode === 'disable') return { connection: { connectionString, ssl: false }, host, tls: 'disabled' };
  if (mode === null && ca === null && isLocal(host)) return { connection: { connectionString, ssl: false }, host, tls: 'local' };
  const files = { ...(ca && { ca: read(ca) }), ...(cert && { cert: read(cert) }), ...(key && { key: read(key) }) };
  return { connection: { connectionString, ssl: { ...files, rejectUnauthorized: true } }, host, tls: 'verified' };
};
