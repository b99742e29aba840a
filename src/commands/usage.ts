/** Ends with 2: the settings or the words are wrong, and what was wrong was said. */
export class UsageError extends Error {}

/** Writes to standard output, ended by one line break. */
export const print = (text: string): void => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
};

/** `edgewise rules | head` closes our output early: that is no failure. A full disk is one. */
export const watchOutput = (): void => {
  process.stdout.on('error', (error: { readonly code?: string }) => {
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(`the answer cannot be written (${error.code ?? 'unknown'})\n`);
    process.exit(1);
  });
};

/** JSON of the same value in which nothing steers a terminal: what `JSON.stringify` leaves as it is although it does. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
