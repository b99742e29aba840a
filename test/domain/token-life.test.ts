import { describe, expect, it } from 'vitest';
import { tokenNeed } from '../../src/domain/token-life.ts';

const hour = 3_600_000;
const minute = 60_000;
const bornMs = 1_795_504_520_000;
const expiresAtMs = bornMs + 12 * hour;

describe('a token that rotates', () => {
  it.each([
    ['is left alone for ten hours', { expiresAtMs, triedAtMs: null }, bornMs + 10 * hour, 'none'],
    ['is renewed when less than two hours are left', { expiresAtMs, triedAtMs: null }, bornMs + 10 * hour + 1, 'soon'],
    ['is still used in its last second', { expiresAtMs, triedAtMs: null }, expiresAtMs - 1, 'soon'],
    ['is over at its end', { expiresAtMs, triedAtMs: null }, expiresAtMs, 'now'],
    [
      'is not tried again within a minute',
      { expiresAtMs, triedAtMs: bornMs + 11 * hour },
      bornMs + 11 * hour + minute - 1,
      'none',
    ],
    ['is tried again after a minute', { expiresAtMs, triedAtMs: bornMs + 11 * hour }, bornMs + 11 * hour + minute, 'soon'],
    ['is tried although the clock was put back', { expiresAtMs, triedAtMs: bornMs + 11.5 * hour }, bornMs + 11 * hour, 'soon'],
    ['that has no end is never renewed', { expiresAtMs: null, triedAtMs: null }, bornMs + 1000 * hour, 'none'],
  ] as const)('%s', (_what, token, nowMs, need) => {
    expect(tokenNeed(token, nowMs)).toBe(need);
  });
});
