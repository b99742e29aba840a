/** What every rule of Block Kit is made of. Where two numbers are documented, the smaller. */

export type Json = Readonly<Record<string, unknown>>;

/** Where a block is wrong, as Slack points to it, and the limit it broke. */
export type Problem = { readonly pointer: string; readonly problem: string };
export type Problems = readonly Problem[];

/** Where blocks may stand. */
export type Surface = 'message' | 'modal' | 'home';

/** Whether a file can be named in a block. */
export type Files = (id: string) => 'ready' | 'processing' | 'missing';

/** What a rule may look at beside the block itself. */
export type Around = { readonly files: Files; readonly surface: Surface };

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** In code points; -1 of what is no text. */
export const length = (text: unknown): number => (typeof text === 'string' ? [...text].length : -1);

export const each = (pointer: string, value: unknown, check: (at: string, item: unknown) => Problems): Problems =>
  Array.isArray(value) ? value.flatMap((item, index) => check(`${pointer}/${index}`, item)) : [];

export const listProblems = (pointer: string, value: unknown, min: number, max: number): Problems =>
  !Array.isArray(value) || value.length < min || value.length > max
    ? [{ pointer, problem: `must have ${min} to ${max} items` }]
    : [];

/** Of a text that may be absent. */
export const lengthProblems = (parent: string, from: Json, name: string, max: number, min = 1): Problems => {
  if (from[name] === undefined) return [];
  const pointer = `${parent}/${name}`;
  const size = length(from[name]);
  if (size < 0) return [{ pointer, problem: 'must be a string' }];
  if (size < min) return [{ pointer, problem: `must be at least ${min} character` }];
  return size > max ? [{ pointer, problem: `must be at most ${max} characters` }] : [];
};

/** Of a value that may be absent. */
export const oneOfProblems = (parent: string, from: Json, name: string, allowed: readonly unknown[]): Problems =>
  from[name] === undefined || allowed.includes(from[name])
    ? []
    : [{ pointer: `${parent}/${name}`, problem: `must be one of ${allowed.join(', ')}` }];

/** Of a whole number that may be absent. */
export const numberProblems = (parent: string, from: Json, name: string, min: number, max: number): Problems => {
  const value = from[name];
  const isRight = value === undefined || (Number.isInteger(value) && Number(value) >= min && Number(value) <= max);
  return isRight ? [] : [{ pointer: `${parent}/${name}`, problem: `must be a whole number from ${min} to ${max}` }];
};

/** Slack refuses every property that it does not know. */
export const strangerProblems = (pointer: string, from: Json, known: readonly string[]): Problems =>
  Object.keys(from)
    .filter((name) => name !== 'type' && !known.includes(name))
    .map((name) => ({ pointer, problem: `invalid additional property: ${name.slice(0, 40)}` }));
