import { describe, expect, it } from 'vitest';
import { count, factor, percent, quantileText, rate, seconds, share, success } from '../../src/domain/words.ts';

describe('figures as a person reads them', () => {
  it.each([
    [0, '0 %'],
    [0.00001, '< 0.01 %'],
    [0.00042, '0.04 %'],
    [0.001, '0.1 %'],
    [0.0534, '5.3 %'],
    [0.0997, '10 %'],
    [0.205, '21 %'],
    [1, '100 %'],
  ])('the ratio %d is %s', (ratio, text) => expect(percent(ratio)).toBe(text));

  it.each([
    [0.0004, '0.4 ms'],
    [0.0421, '42 ms'],
    [0.9994, '999 ms'],
    [1.234, '1.23 s'],
    [15.26, '15.3 s'],
    [90, '1.5 min'],
    [3600, '60 min'],
  ])('%d seconds are %s', (value, text) => expect(seconds(value)).toBe(text));

  it.each([
    [0, '100 %'],
    [0.000001, '> 99.99 %'],
    [0.0004, '99.96 %'],
    [0.025, '97.5 %'],
    [0.3, '70 %'],
    [1, '0 %'],
  ])('a share of %d that fails is a success of %s', (failing, text) => expect(success(failing)).toBe(text));

  it('says how many of how few, and a percentage only of many', () => {
    expect(share(7, 12)).toBe('7 of 12 requests');
    expect(share(1, 19.4)).toBe('1 of 19 requests');
    expect(share(7, 20)).toBe('35 %');
  });

  it('never shows a clipped quantile as if it were measured', () => {
    expect(quantileText({ seconds: 10, atLeast: true })).toBe('≥ 10 s');
    expect(quantileText({ seconds: 0.224, atLeast: false })).toBe('224 ms');
  });

  it('groups thousands and keeps few digits', () => {
    expect([count(12_345.6), count(999), count(1_000_000)]).toEqual(['12,346', '999', '1,000,000']);
    expect([rate(230.4), rate(4.23), rate(0.052), rate(1234)]).toEqual(['230/s', '4.2/s', '0.05/s', '1,234/s']);
    expect([factor(2.44), factor(57.3), factor(1000), factor(4349)]).toEqual(['2.4×', '57×', '1000×', '> 1,000×']);
  });
});
