import { pino } from 'pino';
import type { Log } from '../../ports.ts';
import { secretMask, tokenShapes } from './secrets.ts';

const patterns: readonly RegExp[] = [
  ...tokenShapes,
  /(?<=(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]+/gi,
  /(?<=:\/\/)[^/\s:@]+:[^/\s@]+(?=@)/g,
];

type Redact = (text: string) => string;

const redactor = (secrets: readonly string[]): Redact => {
  const mask = secretMask(secrets);
  return (text) => patterns.reduce((kept, pattern) => kept.replace(pattern, '***'), mask(text));
};

/** Takes secrets out of a text, by value and by the shapes that Slack and HTTP give them. */
export const redact = (text: string, secrets: readonly string[]): string => redactor(secrets)(text);

const fieldLimit = 2000;

/** Longer texts are cut before anything is looked for in them. */
const readLimit = 50 * fieldLimit;

/** Redacted before it is cut: half a secret is no secret that could be found. */
const short = (text: string, redacted: Redact): string => redacted(text.slice(0, readLimit)).slice(0, fieldLimit);

const tidy = (value: unknown, redacted: Redact, depth = 0): unknown => {
  if (typeof value === 'string') return short(value, redacted);
  if (value instanceof Error)
    return { name: value.name, message: short(value.message, redacted), stack: short(String(value.stack), redacted) };
  if (typeof value !== 'object' || value === null || depth > 4)
    return typeof value === 'object' && value !== null ? '[deep]' : value;
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => tidy(item, redacted, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 50)
      .map(([name, item]) => [short(name, redacted), tidy(item, redacted, depth + 1)]),
  );
};

/** JSON lines on standard error: one event a line whatever the values hold (JSON escapes every control character). */
export const jsonLog = (level: 'debug' | 'info' | 'warn' | 'error' | 'silent', secrets: readonly string[]): Log => {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    pino.destination({ dest: 2, sync: true }),
  );
  const redacted = redactor(secrets);
  return (at, event, fields = {}) => logger[at](tidy(fields, redacted) as object, redacted(event));
};
