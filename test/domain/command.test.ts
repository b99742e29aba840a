import { describe, expect, it } from 'vitest';
import { firstCheck } from '../../src/domain/command.ts';

const logs = (namespace: string, name: string): string => `kubectl -n ${namespace} logs deploy/${name}`;
const commandFor = (...names: (string | null)[]) => firstCheck('Read the log', null, names, (a = '', b = '') => logs(a, b));

describe('a first check', () => {
  it('offers a command when every name in it is harmless', () => {
    expect(commandFor('shop', 'payments-v1.2_a').command).toBe('kubectl -n shop logs deploy/payments-v1.2_a');
  });

  it.each([
    ['a shell metacharacter', 'payments;reboot'],
    ['a substitution', '$(reboot)'],
    ['a space', 'pay ments'],
    ['an option', '--all'],
    ['a line break', 'a\nreboot'],
    ['nothing', ''],
    ['a letter of another alphabet', 'pаyments'],
    ['more than a name can hold', 'x'.repeat(254)],
  ])('is only a sentence when a name holds %s', (_what, name) => {
    expect(commandFor('shop', name)).toEqual({ sentence: 'Read the log', object: null, command: null });
  });

  it('is only a sentence when a name is not known', () => {
    expect(commandFor('shop', null).command).toBeNull();
  });
});
