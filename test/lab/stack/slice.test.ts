import { describe, expect, it } from 'vitest';
import { grade, type Said } from './grade.ts';
import type { FaultResult } from './result.ts';
import { outcomeOf } from './slice.ts';

const truth = {
  edge: ['checkout', 'payments'],
  rules: ['callee-errors'],
  sides: ['callee application'],
  object: '',
  not: [],
} as const;

const message = (rule: string): Said => ({
  way: 'alert',
  about: 'MeshEdgeErrorRatioHigh',
  header: 'checkout → payments: 30 % failing',
  text: 'checkout → payments: 30 of 100 requests failing',
  edge: ['checkout', 'payments'],
  verdict: {
    rule,
    side: 'callee application',
    confidence: 'likely',
    sentence: 'It fails',
    firstCheck: 'Look at payments',
    command: null,
    object: null,
  },
});

const result = (name: string, rule: string | null, lagMs: number, errors: readonly string[] = []): FaultResult => ({
  name,
  says: 'payments fails',
  kind: 'fault',
  expected: { rule: 'callee-errors', side: 'callee application', edge: ['checkout', 'payments'] },
  seconds: 90,
  lagMs,
  alerts: [],
  messages: rule === null ? [] : [{ said: message(rule), grade: grade('fault', truth, message(rule)) }],
  errors,
});

const right = (name: string, lagMs = 20) => result(name, 'callee-errors', lagMs);
const wrong = (name: string, lagMs: number) => result(name, 'no-route', lagMs);

describe('a slice of the lab', () => {
  it('passes when every answer is right, be the machine busy or not', () => {
    expect(outcomeOf([right('one'), right('two', 400)])).toEqual({ passes: true, words: [] });
  });

  it('fails by one wrong answer on a quiet machine', () => {
    expect(outcomeOf([right('one'), wrong('two', 20)])).toEqual({ passes: false, words: [] });
  });

  it('does not judge two wrong answers of a busy machine, and says so', () => {
    const { passes, words } = outcomeOf([right('one'), wrong('two', 400), wrong('three', 90)]);
    expect(passes).toBe(true);
    expect(words).toEqual([
      'NOT JUDGED: two was wrong on a busy machine (timers 400 ms late)',
      'NOT JUDGED: three was wrong on a busy machine (timers 90 ms late)',
    ]);
  });

  it('fails when more than two are undecided: then it has shown nothing', () => {
    const { passes, words } = outcomeOf([right('one'), wrong('two', 400), wrong('three', 90), wrong('four', 90)]);
    expect(passes).toBe(false);
    expect(words.at(-1)).toBe('FAILED: 3 of 4 could not be judged, at most 2 may be');
  });

  it.each([
    ['an error of the lab beside a right answer', result('two', 'callee-errors', 400, ['Prometheus did not start'])],
    ['an error of the lab beside a wrong answer', result('two', 'no-route', 400, ['the workspace differs from the replay'])],
    ['no message at all', result('two', null, 400)],
  ])('fails by %s, however busy the machine', (_what, bad) => {
    expect(outcomeOf([right('one'), bad])).toEqual({ passes: false, words: [] });
  });
});
