import { describe, expect, it } from 'vitest';
import type { Confidence, Finding } from '../../../src/domain/diagnosis.ts';
import { ranked } from '../../../src/stages/diagnose/ranked.ts';
import { edgeNamed, findingAt } from '../../support/report.ts';

const found = (rule: string, confidence: Confidence, badEvents: number, ...explains: readonly string[]): Finding => ({
  ...findingAt(edgeNamed()),
  rule,
  confidence,
  badEvents,
  explains,
});
const namesOf = (...findings: readonly Finding[]) => ranked(findings).map(({ rule }) => rule);

describe('of several findings', () => {
  it('the surer comes first, then the one with more bad requests, then the order of the rules', () => {
    expect(
      namesOf(found('a', 'possible', 900), found('b', 'likely', 10), found('c', 'likely', 20), found('d', 'likely', 20)),
    ).toEqual(['c', 'd', 'b', 'a']);
  });

  it('a guess does not silence what is likely, and stands behind it', () => {
    expect(namesOf(found('pod', 'possible', 60, 'errors'), found('errors', 'likely', 100))).toEqual(['errors', 'pod']);
  });

  it('a guess that reads the same requests another way does: nobody shows who refused them', () => {
    expect(namesOf(found('policy', 'possible', 99, 'errors'), found('errors', 'likely', 100))).toEqual(['policy']);
  });

  it('the same requests are counted a little apart by the two ends of an edge', () => {
    // One pod of version v1 failed, by its own proxy; the caller counted the failures of v1 half a scrape later.
    expect(namesOf(found('pod', 'likely', 96, 'version'), found('version', 'clear', 105))).toEqual(['pod']);
    expect(namesOf(found('pod', 'likely', 80, 'version'), found('version', 'clear', 105))).toEqual(['version', 'pod']);
  });

  it('what is likely silences what it explains, however many requests that counts', () => {
    expect(namesOf(found('timeout', 'likely', 40, 'slow'), found('slow', 'likely', 3000))).toEqual(['timeout']);
  });

  it('what is silenced still silences what it explains', () => {
    expect(namesOf(found('c', 'likely', 9), found('b', 'likely', 9, 'c'), found('a', 'likely', 9, 'b'))).toEqual(['a']);
  });

  it('a circle of findings that explain each other leaves the best of them, and silences the rest', () => {
    expect(namesOf(found('a', 'likely', 10, 'b'), found('b', 'likely', 20, 'a'))).toEqual(['b']);
    const circle = [found('a', 'likely', 10, 'b'), found('b', 'likely', 20, 'c'), found('c', 'likely', 15, 'a', 'd')];
    expect(namesOf(...circle, found('d', 'possible', 5))).toEqual(['b']);
    expect(namesOf(found('a', 'likely', 10, 'a'))).toEqual(['a']);
  });
});
