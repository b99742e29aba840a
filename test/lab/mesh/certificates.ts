import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../src/demo/engine-run.ts';

const openssl = async (folder: string, words: readonly string[]): Promise<void> => {
  const made = await run('openssl', words, { cwd: folder });
  if (!made.ok) throw new Error(`openssl ${words[0]}: ${made.text.split('\n').at(-1) ?? ''}`);
};

const key = (name: string): readonly string[] => [
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-keyout',
  `${name}.key`,
];

const authority = (folder: string, name: string): Promise<void> =>
  openssl(folder, ['req', '-x509', ...key(name), '-out', `${name}.pem`, '-days', '3650', '-subj', `/O=${name}`]);

/** A workload's certificate: its identity is a URI (SPIFFE), as in every mesh. */
const leaf = async (folder: string, name: string, identity: string, issuer: string, days: number): Promise<void> => {
  await openssl(folder, ['req', ...key(name), '-out', `${name}.csr`, '-subj', '/O=lab']);
  const extensions = `subjectAltName=critical,URI:${identity}\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=digitalSignature\n`;
  writeFileSync(join(folder, `${name}.ext`), extensions);
  const signed = ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-CAcreateserial', '-days', String(days)];
  await openssl(folder, ['x509', '-req', '-in', `${name}.csr`, ...signed, '-extfile', `${name}.ext`, '-out', `${name}.pem`]);
};

/**
 * Two authorities, a certificate for every service, and for each an expired one and one of the wrong authority. Names are the service's,
 * `<service>-expired` and `<service>-stranger`.
 */
export const makeCertificates = async (
  folder: string,
  services: readonly { readonly service: string; readonly identity: string }[],
): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  await authority(folder, 'mesh-ca');
  await authority(folder, 'other-ca');
  for (const { service, identity } of services) {
    await leaf(folder, service, identity, 'mesh-ca', 365);
    await leaf(folder, `${service}-expired`, identity, 'mesh-ca', -1);
    await leaf(folder, `${service}-stranger`, identity, 'other-ca', 365);
  }
};
