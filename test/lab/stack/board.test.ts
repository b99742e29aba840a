import { describe, expect, it } from 'vitest';
import type { Fault } from '../lab.ts';
import { boardText, progressLine } from './board.ts';
import { grade, type Said } from './grade.ts';
import { truthPage } from './markdown.ts';
import type { FaultResult, Graded, LabRun } from './result.ts';
import { scoreOf, wilson } from './score.ts';

const message = (rule: string | null, confidence: 'likely' | 'possible' = 'likely', callee = 'payments'): Said => ({
  way: 'alert',
  about: 'MeshEdgeErrorRatioHigh',
  header: `checkout → ${callee}: 30 of 100 requests failing`,
  text: `checkout → ${callee}: 30 of 100 requests failing | more`,
  edge: ['checkout', callee],
  verdict:
    rule === null
      ? null
      : {
          rule,
          side: 'callee application',
          confidence,
          sentence: 'It fails',
          firstCheck: 'Look at payments',
          command: null,
          object: 'Deployment shop/payments',
        },
});

const asked = (rule: string | null): Said => ({ ...message(rule), way: 'asked', about: '/mesh why checkout → payments' });

const truthOf = (kind: Fault['kind'], rules: readonly string[]) => ({
  edge: kind === 'quiet' ? null : (['checkout', 'payments'] as const),
  rules: kind === 'fault' ? rules : [],
  sides: ['callee application' as const],
  object: 'Deployment shop/payments',
  not: [],
});

const gradeOf = (kind: Fault['kind'], said: Said, rules: readonly string[] = ['callee-errors']) =>
  grade(kind, truthOf(kind, rules), said);

const result = (name: string, kind: Fault['kind'], messages: readonly Said[], errors: readonly string[] = []): FaultResult => {
  const truth = truthOf(kind, ['callee-errors']);
  return {
    name,
    says: `what was done | to ${name}`,
    kind,
    expected: { rule: truth.rules[0] ?? null, side: 'callee application', edge: truth.edge },
    seconds: 93.4,
    lagMs: 12,
    alerts: ['MeshEdgeErrorRatioHigh'],
    messages: messages.map((said) => ({ said, grade: gradeOf(kind, said) })),
    errors,
  };
};

const results = [
  result('one', 'fault', [message('callee-errors')]),
  result('two', 'fault', [message('callee-errors'), message('no-route', 'possible', 'cart')]),
  result('three', 'fault', []),
  result('four', 'fault', [message('callee-errors')], ['the message differs from its replay']),
  result('calm', 'quiet', [asked(null), asked('healthy')]),
  result('few', 'thin', [message(null)]),
];
const run: LabRun = {
  version: 1,
  at: '2026-11-26T19:00:00.000Z',
  minutes: 41.2,
  versions: { envoy: '1.40.0', prometheus: '2.42.0', alertmanager: '0.25.0', edgewise: 'abc1234' },
  results,
};

describe('the scoreboard', () => {
  it('counts a fault as right only when all its messages are and the lab had no error', () => {
    const score = scoreOf(results);
    expect(score.faults).toEqual({ right: 1, total: 4 });
    expect(score.edge).toEqual({ right: 2, total: 4 });
    expect(score.cause).toEqual({ right: 2, total: 4 });
    expect(score.errors).toBe(1);
  });

  it('counts whether the first verdict was by the expected rule itself, and no verdict as none', () => {
    const either = ['callee-errors', 'grpc-errors'];
    const graded = (said: Said): Graded => ({ said, grade: gradeOf('fault', said, either) });
    const other = { ...result('other', 'fault', []), messages: [message('grpc-errors'), message('callee-errors')].map(graded) };
    expect(scoreOf([other])).toMatchObject({ cause: { right: 1, total: 1 }, expected: { right: 0, total: 1 } });
    const late = { ...other, messages: [message(null), message('callee-errors')].map(graded) };
    expect(scoreOf([late])).toMatchObject({ cause: { right: 0, total: 1 }, expected: { right: 1, total: 1 } });
    expect(scoreOf([result('silent', 'fault', [])]).expected).toEqual({ right: 0, total: 1 });
    expect(scoreOf([result('calm', 'quiet', [asked('healthy')])]).expected).toEqual({ right: 0, total: 0 });
    // Results of earlier runs have no mark of it.
    const [one] = result('one', 'fault', [message('callee-errors')]).messages;
    const { expected: _, ...marks } = (one as Graded).grade.marks;
    const old = { said: (one as Graded).said, grade: { ...(one as Graded).grade, marks } };
    expect(scoreOf([{ ...other, messages: [old] }]).expected).toEqual({ right: 1, total: 1 });
  });

  it('counts quiet and thin cases for themselves', () => {
    const score = scoreOf(results);
    // "healthy" of this table blames the application, and no verdict is no answer.
    expect(score.quiet).toEqual({ right: 0, total: 1 });
    expect(score.quietMessages).toEqual({ right: 0, total: 2 });
    expect(score.silent).toEqual({ right: 1, total: 1 });
    expect(score.thin).toEqual({ right: 1, total: 1 });
  });

  it('counts an alert of a quiet case in a row of its own, and none that was never looked at', () => {
    const told = result('told', 'quiet', [message(null)]);
    expect(scoreOf([told])).toMatchObject({ quiet: { right: 1, total: 1 }, silent: { right: 0, total: 1 } });
    expect(scoreOf([{ ...told, mayAlert: 'as it always does' }]).silent).toEqual({ right: 1, total: 1 });
    expect(scoreOf([{ ...told, messages: [], errors: ['no mesh'] }]).silent).toEqual({ right: 0, total: 1 });
  });

  it('says how often each word that is printed was right, and each inside, blame of the healthy among the wrong ones', () => {
    const [likely, possible] = scoreOf(results).words;
    expect(likely).toMatchObject({ word: 'likely', reliability: { messages: { right: 3, total: 4 } } });
    expect(likely?.inside.map(({ word, reliability }) => [word, reliability.messages])).toEqual([
      ['clear', { right: 0, total: 0 }],
      ['likely', { right: 3, total: 4 }],
    ]);
    expect(possible).toEqual({
      word: 'possible',
      reliability: { messages: { right: 0, total: 1 }, faults: { right: 0, total: 1 } },
      inside: [],
    });
  });

  it('counts a false "nothing is wrong" among the wrong ones, and a true cause of few requests among the right', () => {
    const clear = (rule: string, side: 'nothing wrong' | 'callee application'): Said => {
      const said = message(rule);
      return { ...said, verdict: said.verdict && { ...said.verdict, confidence: 'clear', side } };
    };
    const few = result('few', 'thin', [clear('callee-errors', 'callee application')]);
    const [printed] = scoreOf([
      result('sick', 'fault', [clear('healthy', 'nothing wrong')]),
      result('calm', 'quiet', [clear('healthy', 'nothing wrong')]),
      { ...few, expected: { ...few.expected, rule: 'callee-errors' } },
    ]).words;
    expect(printed?.reliability.messages).toEqual({ right: 1, total: 2 });
  });

  it('counts the messages of one fault as one try of a word, lost by a single wrong one', () => {
    const many = result('many', 'fault', [message('callee-errors'), message('callee-errors'), message('no-route')]);
    const other = result('other', 'fault', [message('callee-errors'), message('no-route', 'possible')]);
    const [likely, possible] = scoreOf([many, other]).words;
    expect(likely?.reliability).toEqual({ messages: { right: 3, total: 4 }, faults: { right: 1, total: 2 } });
    expect(possible?.reliability).toEqual({ messages: { right: 0, total: 1 }, faults: { right: 0, total: 1 } });
    expect(boardText({ ...run, results: [many, other] })).toContain(
      'verdicts 3/4 (75.0 %); faults 1/2 (50.0 %), 95 % interval 9.5 % to 90.5 %',
    );
  });

  it('counts a verdict that an edit replaced like any other', () => {
    const edited = result('edited', 'fault', [message('callee-errors')]);
    const [last] = edited.messages as readonly [Graded];
    const first = { said: message('no-route', 'possible'), grade: gradeOf('fault', message('no-route', 'possible')) };
    const told = { ...edited, messages: [{ ...first, tellings: [first, last] }] };
    expect(scoreOf([told]).words.map(({ reliability }) => reliability.messages)).toEqual([
      { right: 1, total: 1 },
      { right: 0, total: 1 },
    ]);
    expect(scoreOf([told]).expected).toEqual({ right: 0, total: 1 });
    expect(scoreOf([told]).faults).toEqual({ right: 0, total: 1 });
  });

  it('counts a fault as wrong of which something is not said by any message', () => {
    const half = { ...result('half', 'fault', [message('callee-errors')]), unmet: ['no message tells of grpc-errors at a → b'] };
    expect(scoreOf([half]).faults).toEqual({ right: 0, total: 1 });
    expect(boardText({ ...run, results: [half] })).toContain('no message tells of grpc-errors at a → b');
    expect(progressLine(half, 1, 1)).toContain('; no message tells of grpc-errors at a → b');
    expect(truthPage({ run: { ...run, results: [half] }, otherEnvoy: null, simulated: null })).toContain(
      '| half | all together |  | no message tells of grpc-errors at a → b |',
    );
  });

  it('counts in how many faults a trace was found, where traces were looked for, and grades nothing by it', () => {
    const [first] = results;
    if (first === undefined) throw new Error('no result');
    const found = { isFound: true, id: 'f'.repeat(32), culprit: 'bank.finance, own', origin: null, says: 'It took 3 s' };
    const none = { ...found, isFound: false, id: null, culprit: null, says: 'none, of 12 of the edge that the store told of' };
    const text = boardText({ ...run, results: [{ ...first, trace: found }, { ...first, trace: none }, first] });
    expect(text).toContain('worst trace found     1/2 (50.0 %), not graded');
    expect(text).toContain('faults wholly right   3/3');
    expect(boardText({ ...run, results: [first] })).not.toContain('worst trace');
  });

  it('gives Wilson’s interval', () => {
    const [low, high] = wilson({ right: 9, total: 10 });
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(['0.5958', '0.9821']);
    expect(wilson({ right: 0, total: 0 })).toEqual([0, 1]);
    expect(wilson({ right: 20, total: 20 })[1]).toBe(1);
    expect(wilson({ right: 149, total: 149 })[1]).toBe(1);
    expect(wilson({ right: 0, total: 149 })[0]).toBe(0);
  });

  it('shows what was expected and what was said instead', () => {
    const { confusion } = scoreOf(results);
    expect(confusion.get('callee-errors')).toEqual(
      new Map([
        ['callee-errors', 3],
        ['no-route', 1],
        ['no message', 1],
      ]),
    );
  });

  it('prints every miss with why, and a line of progress a fault', () => {
    const text = boardText(run);
    expect(text).toContain('is about checkout → cart, not checkout → payments');
    expect(text).toContain('four: the message differs from its replay');
    expect(progressLine(results[0] as FaultResult, 1, 6)).toMatch(
      /1\/6 {2}one +93 s {2}right: callee-errors at checkout → payments/,
    );
    expect(progressLine(results[1] as FaultResult, 2, 6)).toContain('edge NO, cause NO');
  });
});

describe('the page of the truth', () => {
  it('has a row for every fault and every miss, and no text that breaks a table', () => {
    const page = truthPage({ run, otherEnvoy: null, simulated: null });
    expect(page).toContain('| likely | 3/4 (75.0 %) | 3/4 (75.0 %), 95 % interval 30.1 % to 95.4 % |');
    expect(page).toContain('| … clear inside | never said |  |');
    expect(page).toContain('| edge | 2/4 (50.0 %), 95 % interval 15.0 % to 85.0 % |');
    for (const { name } of results) expect(page).toContain(`| ${name} |`);
    expect(page).toContain('what was done \\| to one');
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    const columns = (line: string): number => line.replaceAll('\\|', '').split('|').length;
    for (const [index, line] of rows.entries()) {
      const next = rows[index + 1];
      if (next !== undefined && page.includes(`${line}\n${next}`)) expect(columns(next)).toBe(columns(line));
    }
    expect(page).not.toContain('## Another Envoy');
    expect(page).not.toContain('## Simulated meshes');
  });

  it('says how many faults ran again, where somebody counted them', () => {
    const text = (again: readonly string[] | undefined): string =>
      truthPage({ run: again === undefined ? run : { ...run, again }, otherEnvoy: null, simulated: null });
    expect(text(undefined)).not.toContain('again,');
    expect(text([])).toContain('No fault was run again');
    expect(text(['one', 'few'])).toContain('Run again, since the machine was too busy the first time: 2 (one, few).');
  });

  it('says that no destination was chosen where Istio prints none', () => {
    const page = truthPage({
      run: { ...run, results: [result('lost', 'fault', [message('no-route', 'likely', 'unknown')])] },
      otherEnvoy: null,
      simulated: null,
    });
    expect(page).toContain('no-route at checkout → no destination (likely)');
  });

  it('has room for another Envoy and for simulated meshes', () => {
    const page = truthPage({
      run,
      otherEnvoy: { ...run, versions: { ...run.versions, envoy: '1.36.4' } },
      simulated: { says: 'Drawn.', at: run.at, rows: [{ what: 'sick edges', right: 90, total: 100 }] },
    });
    expect(page).toContain('## Another Envoy: 1.36.4');
    expect(page).toContain('| sick edges | 90/100 (90.0 %), 95 % interval 82.6 % to 94.5 % |');
  });
});
