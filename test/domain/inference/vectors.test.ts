import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { boundAt, quantile, slowerThan } from '../../../src/domain/histogram.ts';
import {
  conditional,
  dispersion,
  elevated,
  type Trial,
  usualSensitivity,
  wilson,
} from '../../../src/domain/inference/elevated.ts';
import { logLevel } from '../../../src/domain/inference/latency.ts';
import { selfMade, word } from '../../../src/domain/inference/ranking.ts';
import { logBetaInc, logGamma, logGammaP, logGammaQ, tTail } from '../../../src/domain/inference/special-functions.ts';
import { trafficChange } from '../../../src/domain/inference/traffic.ts';

type Vector = { readonly id: string; readonly fn: string; readonly input: Record<string, never>; readonly expect: unknown };
const file = `${process.env['EDGEWISE_FIXTURES']}/inference/vectors.json`;
const isThere = process.env['EDGEWISE_FIXTURES'] !== undefined && existsSync(file);
const parsed = isThere ? (JSON.parse(readFileSync(file, 'utf8')) as Vector[] | { vectors: Vector[] }) : [];
const vectors = Array.isArray(parsed) ? parsed : parsed.vectors;

const trials = (pairs: readonly (readonly [number, number])[] = []): Trial[] => pairs.map(([n, x]) => ({ n, x }));
const ms = (edges: readonly number[], counts: readonly number[]) => ({ boundsSeconds: edges.map((edge) => edge / 1000), counts });

/** The rule of inference for `increase` and Benjamini–Hochberg is not ours to run: Prometheus extrapolates, and we use a fixed α per question. */
const notOurs = new Set(['increase', 'bh']);

// biome-ignore lint/suspicious/noExplicitAny: the vectors are of one shape per function, checked by the expectations
const answers: Readonly<Record<string, (input: any) => unknown>> = {
  lgamma: ({ x }) => logGamma(x),
  logBetaInc: ({ x, a, b }) => logBetaInc(x, a, b),
  logGammaP: ({ a, x }) => logGammaP(a, x),
  logGammaQ: ({ a, x }) => logGammaQ(a, x),
  tTail: ({ t, nu }) => tTail(t, nu),
  wilson: ({ x, n, z }) => wilson({ n, x }, z),
  conditional: ({ x, n, k, N }) => conditional({ n, x }, { n: N, x: k }),
  dispersion: ({ windows, phi }) => dispersion(trials(windows), phi),
  elevated: ({ halves, base, local, options }) => {
    const [first, second] = trials(halves);
    if (!first || !second) throw new Error('two halves');
    const result = elevated(
      {
        halves: [first, second],
        base: trials(base),
        local: trials(local),
        now: { n: first.n + second.n, x: first.x + second.x },
      },
      { ...usualSensitivity, ...(options?.delta === undefined ? {} : { delta: options.delta }) },
    );
    return {
      p: result.p,
      leg1: result.legs[0],
      leg2: result.legs[1],
      leg3: result.legs[2],
      ratio: result.ratio,
      baseline: result.usual,
      line: result.line,
    };
  },
  traffic: ({ halves, earlier }) => {
    const { vanishedP, surgedP, t } = trafficChange(halves, earlier);
    return { vanished: vanishedP, surged: surgedP, t };
  },
  quantile: ({ q, edges, counts }) => {
    const found = quantile(q, ms(edges, counts));
    return { value: (found?.seconds ?? 0) * 1000, atLeast: found?.atLeast };
  },
  edgeAt: ({ q, edges, counts }) => {
    const index = boundAt(q, ms(edges, counts));
    return { index, le: edges[index], above: slowerThan(index, ms(edges, counts)) };
  },
  logShift: ({ edges, now, base }) => Math.exp(logLevel(ms(edges, now)) - logLevel(ms(edges, base))),
  selfMade: ({ edges }) => {
    const known = edges as readonly { a: string; b: string; src: number; dst: number | null; sig: boolean }[];
    return selfMade(
      known.map(({ a, b, src, dst, sig }) => ({
        caller: a,
        callee: b,
        atCaller: sig ? src : 0,
        atCallee: dst === null ? null : sig ? dst : 0,
      })),
    );
  },
  word: ({ share, events, agree }) => word(share, events, agree),
};

const compare = (given: unknown, wanted: unknown, path: string): void => {
  if (typeof wanted === 'number') {
    const difference = Math.abs((given as number) - wanted);
    expect(difference, `${path}: ${given} for ${wanted}`).toBeLessThanOrEqual(Math.max(1e-6 * Math.abs(wanted), 1e-300));
  } else if (Array.isArray(wanted))
    for (const [index, value] of wanted.entries()) compare((given as unknown[])[index], value, `${path}.${index}`);
  else if (typeof wanted === 'object' && wanted !== null) {
    for (const [key, value] of Object.entries(wanted))
      if (Object.hasOwn(given as object, key)) compare((given as Record<string, unknown>)[key], value, `${path}.${key}`);
  } else expect(given, path).toEqual(wanted);
};

describe.skipIf(!isThere)('the reference vectors of the detectors (EDGEWISE_FIXTURES/inference)', () => {
  it('are all known by name', () => {
    expect([...new Set(vectors.map(({ fn }) => fn))].filter((fn) => !notOurs.has(fn) && !Object.hasOwn(answers, fn))).toEqual([]);
  });
  it.each(vectors.filter(({ fn }) => !notOurs.has(fn)).map((vector) => [vector.id, vector] as const))('%s', (_id, vector) => {
    compare(answers[vector.fn]?.(vector.input), vector.expect, vector.id);
  });
});
