import { createSecureContext, getCACertificates } from 'node:tls';
import { SourceError } from '../../domain/gathered.ts';
import { rotatingFile } from '../system/rotating-file.ts';

type CertificateFiles = { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };

/** TLS options, and a version that changes when a file did. */
export type Certificates = {
  readonly version: string;
  readonly options: { readonly ca?: string[]; readonly cert?: string; readonly key?: string };
};

/**
 * TLS options from files that may be replaced while we run. A CA of its own adds to Node's defaults, NODE_EXTRA_CA_CERTS among them.
 * Between the replacement of a certificate and of its key the two do not fit: until they do, the last pair that fitted serves.
 * Throws `SourceError`: absent for a file that cannot be read, malformed for one that is no certificate or key.
 */
export const certificates = ({ caFile, certFile, keyFile }: CertificateFiles): (() => Promise<Certificates>) => {
  const [ca, cert, key] = [rotatingFile(caFile), rotatingFile(certFile), rotatingFile(keyFile)];
  let usable: Certificates | null = null;
  return async () => {
    const [caText, certText, keyText] = await Promise.all([ca(), cert(), key()]);
    const version = JSON.stringify([caText, certText, keyText]);
    if (usable?.version === version) return usable;
    const options = {
      ...(caText === null ? {} : { ca: [...getCACertificates('default'), caText] }),
      ...(certText === null ? {} : { cert: certText }),
      ...(keyText === null ? {} : { key: keyText }),
    };
    try {
      createSecureContext(options);
      usable = { version, options };
    } catch (cause) {
      const named = [caFile, certFile, keyFile].filter((file) => file !== undefined);
      if (usable === null)
        throw new SourceError('TLS', 'malformed', `no usable certificate and key in ${named.join(', ')}`, { cause });
    }
    return usable;
  };
};
