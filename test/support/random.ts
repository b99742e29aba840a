/** Seeded randomness for simulations: the same seed gives the same mesh on every machine. */
export type Random = {
  /** In [0, 1). */
  readonly uniform: () => number;
  readonly between: (low: number, high: number) => number;
  readonly normal: () => number;
  /** Mean 1, coefficient of variation `cv`. */
  readonly gamma: (cv: number) => number;
  readonly poisson: (mean: number) => number;
  /** Events that come in clumps of geometric size with mean `clump` (Pólya–Aeppli). */
  readonly clumped: (mean: number, clump: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
};

const mulberry32 = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export const random = (seed: number): Random => {
  const uniform = mulberry32(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const gammaOf = (shape: number): number => {
    // Marsaglia and Tsang (2000); our shapes are above 1.
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  const poisson = (mean: number): number => {
    if (mean <= 0) return 0;
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const limit = Math.exp(-mean);
    let product = uniform();
    let count = 0;
    while (product > limit) {
      product *= uniform();
      count += 1;
    }
    return count;
  };
  const geometric = (mean: number): number => (mean <= 1 ? 1 : 1 + Math.floor(Math.log(1 - uniform()) / Math.log(1 - 1 / mean)));
  const clumped = (mean: number, clump: number): number => {
    if (mean > 200) return Math.max(0, Math.round(mean + Math.sqrt(mean * (2 * clump - 1)) * normal()));
    let sum = 0;
    for (let left = poisson(mean / clump); left > 0; left -= 1) sum += geometric(clump);
    return sum;
  };
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    normal,
    gamma: (cv) => (cv <= 0 ? 1 : gammaOf(1 / cv ** 2) * cv ** 2),
    poisson,
    clumped,
    pick: (items) => items[Math.floor(uniform() * items.length)] as (typeof items)[number],
  };
};
