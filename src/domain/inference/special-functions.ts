/**
 * The two functions that every test of this folder stands on: the regularised incomplete beta and gamma, as natural logarithms so that
 * tails of 1e-300 survive. Lanczos (g = 7, n = 9) for log Γ; modified Lentz continued fractions (Numerical Recipes §5.2, §6.2, §6.4).
 */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;
const tiny = 1e-300;
const apart = (value: number): number => (Math.abs(value) > tiny ? value : tiny);

/** ln Γ(x), x > 0. */
export const logGamma = (x: number): number => {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x + 6.5;
  const sum = lanczos.reduce(
    (total, coefficient, index) => (index === 0 ? coefficient : total + coefficient / (x - 1 + index)),
    0,
  );
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
};

const betaFraction = (x: number, a: number, b: number): number => {
  let c = 1;
  let d = 1 / apart(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < 2000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const numerator of [even, odd]) {
      d = 1 / apart(1 + numerator * d);
      c = apart(1 + numerator / c);
      h *= d * c;
    }
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return h;
};

/** ln Iₓ(a, b), 0 ≤ x ≤ 1. */
export const logBetaInc = (x: number, a: number, b: number): number => {
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  if (x >= 1) return 0;
  const front = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  if (x < (a + 1) / (a + b + 2)) return Math.min(0, front + Math.log(betaFraction(x, a, b) / a));
  return Math.log1p(-Math.min((Math.exp(front) * betaFraction(1 - x, b, a)) / b, 1 - 1e-16));
};

const gammaSeries = (a: number, x: number): number => {
  let term = 1 / a;
  let sum = term;
  for (let k = a + 1; term > sum * 1e-16; k += 1) {
    term *= x / k;
    sum += term;
  }
  return sum;
};

const gammaFraction = (a: number, x: number): number => {
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 5000; i += 1) {
    const numerator = -i * (i - a);
    b += 2;
    d = 1 / apart(numerator * d + b);
    c = apart(b + numerator / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return h;
};

const gammaFront = (a: number, x: number): number => a * Math.log(x) - x - logGamma(a);
const complement = (logValue: number): number => Math.log1p(-Math.min(Math.exp(logValue), 1 - 1e-16));

/** ln P(a, x): the lower regularised gamma, a Poisson tail. */
export const logGammaP = (a: number, x: number): number => {
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  return x < a + 1 ? Math.min(0, gammaFront(a, x) + Math.log(gammaSeries(a, x))) : complement(logGammaQ(a, x));
};

/** ln Q(a, x) = ln(1 − P). */
export const logGammaQ = (a: number, x: number): number => {
  if (x <= 0) return 0;
  return x < a + 1 ? complement(logGammaP(a, x)) : gammaFront(a, x) + Math.log(gammaFraction(a, x));
};

/** Upper tail of Student's t: P(T > t). 1 for t ≤ 0, where nobody asks. */
export const tTail = (t: number, degrees: number): number =>
  t <= 0 ? 1 : 0.5 * Math.exp(logBetaInc(degrees / (degrees + t * t), degrees / 2, 0.5));
