import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** A nonce of 96 bits and a tag of 128 (NIST SP 800-38D, 5.2.1). */
const [algorithm, nonceBytes, tagBytes] = ['aes-256-gcm', 12, 16] as const;

type Opened = { readonly text: string; readonly isByOldKey: boolean };

const opened = (bytes: Buffer, owner: string, key: Uint8Array): string | null => {
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
};

/**
 * Secrets at rest: the first key seals, each one opens, so that a key can be changed. What is sealed is bound to its owner: in
 * another one's row it does not open.
 */
export const sealing = (keys: readonly Uint8Array[]) => {
  const [first = new Uint8Array()] = keys;
  return {
    seal: (text: string, owner: string): string => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, first, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(owner));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    /** Null: sealed by a key that is not here, for somebody else, or damaged. */
    open: (sealed: string, owner: string): Opened | null => {
      const bytes = Buffer.from(sealed, 'base64');
      for (const [place, key] of keys.entries()) {
        const text = opened(bytes, owner, key);
        if (text !== null) return { text, isByOldKey: place > 0 };
      }
      return null;
    },
  };
};

export type Sealing = ReturnType<typeof sealing>;

/** A secret for one purpose, the same in every replica (RFC 5869). */
export const derived = (secret: string, purpose: string): string =>
  Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)).toString('base64');
