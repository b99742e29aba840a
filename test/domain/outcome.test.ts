import { describe, expect, it } from 'vitest';
import { classify, flagsOf } from '../../src/domain/outcome.ts';

describe('what became of a request', () => {
  it.each([
    ['200', null, '-', 'ok'],
    ['503', null, 'UF', 'failed'],
    ['500', null, '-', 'failed'],
    // Real Envoys answer 200 to a response that the callee cut.
    ['200', null, 'UPE', 'failed'],
    ['200', null, 'UC,UPE', 'failed'],
    ['200', '0', '-', 'ok'],
    ['200', '14', '-', 'failed'],
    ['200', '12', '-', 'failed'],
    ['200', '5', '-', 'ok'],
    // A proxy refuses a gRPC client with a status, and HTTP 200.
    ['200', '7', '-', 'refused'],
    ['200', '16', '-', 'refused'],
    ['200', '7', 'UAEX', 'refused'],
    ['200', '7', 'UC', 'failed'],
    ['404', null, 'NR', 'refused'],
    ['429', null, 'RL', 'refused'],
    ['429', null, '-', 'client-error'],
    ['403', null, '-', 'refused'],
    ['403', null, 'UAEX', 'refused'],
    ['404', null, '-', 'client-error'],
    ['0', null, 'DC', 'client-left'],
    ['0', null, '-', 'client-left'],
    ['0', null, 'UC', 'failed'],
    ['200', null, 'DC', 'client-left'],
    ['504', null, 'DC,UT', 'failed'],
    ['200', null, 'SI', 'failed'],
    ['200', null, 'OM', 'failed'],
    ['200', null, 'UR', 'failed'],
    ['400', null, 'DPE', 'failed'],
    ['408', null, 'SI', 'failed'],
    ['0', null, 'DR', 'client-left'],
    // These flags say nothing of who answered, or how.
    ['200', null, 'DI', 'ok'],
    ['200', null, 'RFCF', 'ok'],
    ['200', null, 'URX', 'ok'],
    ['403', null, 'DI', 'refused'],
    ['401', null, 'URX', 'refused'],
    ['400', null, 'IH', 'refused'],
    ['413', null, '-', 'client-error'],
    ['500', null, 'RLSE', 'failed'],
    // A bare connection has no code: its flags alone speak.
    ['', null, '-', 'ok'],
    ['', null, 'UF,URX', 'failed'],
    ['', null, 'UH', 'failed'],
    ['', null, 'NR', 'failed'],
    ['', null, 'TLS_FAILURE', 'failed'],
    ['', null, 'DT', 'failed'],
    ['', null, 'DENY', 'refused'],
    ['', null, 'DC', 'client-left'],
  ])('code %s, gRPC status %s and flags %s is %s', (code, grpc, flags, outcome) => {
    expect(classify(code, grpc, flagsOf(flags))).toBe(outcome);
  });

  it('reads flags as a set', () => {
    expect(flagsOf('URX,UF')).toEqual(flagsOf('UF, URX,UF'));
    expect(flagsOf('-')).toEqual([]);
    expect(flagsOf('')).toEqual([]);
  });
});
