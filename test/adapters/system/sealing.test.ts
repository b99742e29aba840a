import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sealing } from '../../../src/adapters/system/sealing.ts';

const [old, young] = [randomBytes(32), randomBytes(32)];
const secret = 'xoxe.xoxb-canary';

describe('what is sealed', () => {
  it('opens for its owner, and shows nothing of itself', () => {
    const { seal, open } = sealing([old]);
    const sealed = seal(secret, 'T1');
    expect(open(sealed, 'T1')).toEqual({ text: secret, isByOldKey: false });
    expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('canary');
    expect(seal(secret, 'T1')).not.toBe(sealed);
  });

  it('does not open in the row of another team, by another key, or when a bit of it changed', () => {
    const { seal, open } = sealing([old]);
    const sealed = seal(secret, 'T1');
    expect(open(sealed, 'T2')).toBeNull();
    expect(sealing([young]).open(sealed, 'T1')).toBeNull();
    for (const at of [0, 13, 29]) {
      const bytes = Buffer.from(sealed, 'base64');
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(open(bytes.toString('base64'), 'T1')).toBeNull();
    }
    for (const damaged of ['', 'AAAA', '?']) expect(open(damaged, 'T1')).toBeNull();
  });

  it('opens by each of several keys, says when an old one was needed, and is sealed by the first', () => {
    const sealed = sealing([old]).seal(secret, 'T1');
    const both = sealing([young, old]);
    expect(both.open(sealed, 'T1')).toEqual({ text: secret, isByOldKey: true });
    expect(sealing([young]).open(both.seal(secret, 'T1'), 'T1')).toEqual({ text: secret, isByOldKey: false });
  });
});
