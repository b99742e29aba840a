import { getCACertificates } from 'node:tls';
import { rotatingFile } from '../system/rotating-file.ts';

export type CertificateFiles = { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };

/** TLS options of one source, and a version that changes when a file did. A CA of its own adds to Node's defaults, NODE_EXTRA_CA_CERTS among them. */
export const certificates = (files: CertificateFiles) => {
  const [ca, cert, key] = [rotatingFile(files.caFile), rotatingFile(files.certFile), rotatingFile(files.keyFile)];
  return async (): Promise<{
    readonly version: string;
    readonly options: { readonly ca?: string[]; readonly cert?: string; readonly key?: string };
  }> => {
    const [caText, certText, keyText] = await Promise.all([ca(), cert(), key()]);
    return {
      version: JSON.stringify([caText, certText, keyText]),
      options: {
        ...(caText === null ? {} : { ca: [...getCACertificates('default'), caText] }),
        ...(certText === null ? {} : { cert: certText }),
        ...(keyText === null ? {} : { key: keyText }),
      },
    };
  };
};
