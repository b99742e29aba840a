import { conditional, type Trial } from './inference/elevated.ts';
import type { Counts, Histogram, Reporter } from './signals.ts';
import { percent } from './words.ts';

/** What the requests into a callee can be split by. */
export type SplitBy = 'version' | 'pod';

/** The requests of one version or pod of a callee. */
export type Part = {
  /** Null: nothing on the series tells which it was. */
  readonly name: string | null;
  readonly namespace: string | null;
  /** Of a pod: the name of one, or the address that is scraped. */
  readonly isAddress: boolean;
  /** The version of a pod, where its series tell it. */
  readonly version: string | null;
  readonly counts: Counts;
  readonly latency: Histogram | null;
};

export type Split = { readonly parts: readonly Part[]; readonly reporters: readonly Reporter[] };

const failedShare = ({ counts: { requests, failed } }: Part): number => (requests > 0 ? failed / requests : 0);

const together = (parts: readonly Part[]): Trial =>
  parts.reduce<Trial>(({ n, x }, { counts }) => ({ n: n + counts.requests, x: x + counts.failed }), { n: 0, x: 0 });

/** As many failures as a person would want to see before one is blamed. */
const enough = 5;
/** Most of what failed. */
const most = 0.9;
/** Failures come in clumps, and the worst of many are looked at: both are paid for before chance is asked. */
const clumping = 2;
const alpha = 1e-3;
const times = 3;

/**
 * The few that fail, the worst first: at most half of them hold nearly all failures, fail three times as often as the others, and by
 * more than chance. Null where failures are spread, or of what nobody can name.
 */
export const fewFailing = (parts: readonly Part[]): readonly Part[] | null => {
  const sorted = [...parts].sort((a, b) => failedShare(b) - failedShare(a));
  const { x: failed } = together(parts);
  const size = sorted.findIndex((_, index) => together(sorted.slice(0, index + 1)).x >= most * failed) + 1;
  const [few, others] = [sorted.slice(0, size), sorted.slice(size)];
  if (failed < enough || 2 * size > parts.length || few.some(({ name }) => name === null)) return null;
  const [bad, good] = [together(few), together(others)];
  if (good.n <= 0 || bad.x / bad.n < times * (good.x / good.n)) return null;
  const isChance = conditional({ n: bad.n, x: bad.x / clumping }, { n: good.n, x: good.x / clumping }) >= alpha / parts.length;
  return isChance ? null : few;
};

/** "1 of 12 pods fails: payments-7d9f fails 30 % of its requests, the others none" */
export const failingText = (parts: readonly Part[], few: readonly Part[], noun: SplitBy): string => {
  const others = together(parts.filter((part) => !few.includes(part)));
  const [first] = few;
  const bad = together(few);
  const who = few.length === 1 ? `${first?.name} fails` : `${first?.name} and ${few.length - 1} more fail`;
  const whose = few.length === 1 ? 'its' : 'their';
  const rest = others.x < 0.5 ? 'none' : percent(others.x / others.n);
  const head = `${few.length} of ${parts.length} ${noun}s ${few.length === 1 ? 'fails' : 'fail'}`;
  return `${head}: ${who} ${percent(bad.x / bad.n)} of ${whose} requests, the ${parts.length - few.length === 1 ? 'other' : 'others'} ${rest}`;
};
