import { describe, expect, it } from 'vitest';
import { OptionsError, readOptions } from './options.ts';

const known = ['app-500', 'no-endpoints', 'quiet'];

describe('the words of `npm run lab`', () => {
  it('mean all faults over a few slots where nothing is said', () => {
    expect(readOptions([], known)).toMatchObject({ faults: [], isRecording: false, isList: false, envoy: '1.40.0', out: null });
  });

  it('name faults, slots and the program', () => {
    expect(
      readOptions(['app-500', 'quiet', '--slots', '2', '--record', '--envoy', '/opt/envoy', '--out', '/tmp/x'], known),
    ).toMatchObject({
      faults: ['app-500', 'quiet'],
      slots: 2,
      isRecording: true,
      envoy: '/opt/envoy',
      out: '/tmp/x',
    });
  });

  it('want traces unless they say otherwise, or are the slice that shares its processors with CI', () => {
    expect(readOptions([], known).hasTraces).toBe(true);
    expect(readOptions(['--no-traces'], known).hasTraces).toBe(false);
    expect(readOptions(['--slice'], known).hasTraces).toBe(false);
  });

  it.each([
    [['no-endpoint'], 'did you mean no-endpoints?'],
    [['nothing-like-it-at-all'], 'There is no fault nothing-like-it-at-all'],
    [['--slots', 'many'], '--slots takes a number'],
    [['--slotz', '2'], 'slotz'],
    [['app-500', '--slice'], 'it takes no names'],
    [['--slice', '--write'], 'writes no page'],
  ])('are refused with a hint: %j', (words, hint) => {
    expect(() => readOptions(words, known)).toThrow(OptionsError);
    expect(() => readOptions(words, known)).toThrow(hint);
  });
});
