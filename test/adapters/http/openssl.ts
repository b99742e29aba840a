import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const found = spawnSync('openssl', ['version'], { stdio: 'ignore' });

/** Why no certificate can be made here, or null. */
export const opensslMissing: string | null = found.status === 0 ? null : 'openssl is not on the PATH';

export type Pair = { readonly certFile: string; readonly keyFile: string; readonly cert: string; readonly key: string };

/** A certificate authority in a directory of its own. */
export type Authority = {
  readonly directory: string;
  readonly caFile: string;
  readonly ca: string;
  /** A certificate of this authority, valid for DNS names and addresses. */
  readonly issue: (name: string, alternatives: string) => Pair;
  readonly remove: () => void;
};

const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export const makeAuthority = (name = 'edgewise test'): Authority => {
  const directory = mkdtempSync(join(tmpdir(), 'edgewise-http-'));
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: directory, stdio: 'ignore' });
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', `/CN=${name}`, '-days', '2');
  const caFile = join(directory, 'ca.pem');
  return {
    directory,
    caFile,
    ca: readFileSync(caFile, 'utf8'),
    issue: (common, alternatives) => {
      writeFileSync(join(directory, 'san'), `subjectAltName=${alternatives}`);
      openssl('req', ...key, '-keyout', `${common}.key`, '-out', `${common}.csr`, '-subj', `/CN=${common}`);
      const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'san'];
      openssl('x509', '-req', '-in', `${common}.csr`, '-out', `${common}.pem`, ...signed);
      const [certFile, keyFile] = [join(directory, `${common}.pem`), join(directory, `${common}.key`)];
      return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};

/** Puts one pair in the place of another, as a mounted secret rotates. */
export const rotate = (from: Pair, to: Pick<Pair, 'certFile' | 'keyFile'>): void => {
  copyFileSync(from.certFile, to.certFile);
  copyFileSync(from.keyFile, to.keyFile);
};
