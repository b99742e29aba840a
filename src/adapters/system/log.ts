import { pino } from 'pino';
import type { Log } from '../../ports.ts';

const patterns: readonly RegExp[] = [
  /xox[abeoprs]-[A-Za-z0-9-]+/g,
  /xapp-[A-Za-z0-9-]+/g,
  /(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi,
  /(?<=:\/\/)[^/\s:@]+:[^/\s@]+(?=@)/g,
  /hooks\.slack\.com\/services\/[A-Za-z0-9/]+/g,
];

/** Takes secrets out of a text, by value and by the shapes that Slack and HTTP give them. */
export const redact = (text: string, secrets: readonly string[]): string =>
  patterns.reduce(
    (kept, pattern) => kept.replace(pattern, '***'),
    secrets.reduce((kept, secret) => (secret.length >= 4 ? kept.replaceAll(secret, '***') : kept), text),
  );

const fieldLimit = 2000;

const tidy = (value: unknown, secrets: readonly string[], depth = 0): unknown => {
  if (typeof value === 'string') return redact(value.slice(0, fieldLimit), secrets);
  if (value instanceof Error)
    return {
      name: value.name,
      message: redact(value.message, secrets),
      stack: redact(String(value.stack), secrets).slice(0, fieldLimit),
    };
  if (typeof value !== 'object' || value === null || depth > 4)
    return typeof value === 'object' && value !== null ? '[deep]' : value;
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => tidy(item, secrets, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 50)
      .map(([name, item]) => [name, tidy(item, secrets, depth + 1)]),
  );
};

/** JSON lines on standard error: one event a line whatever the values hold (JSON escapes every control character). */
export const jsonLog = (level: 'debug' | 'info' | 'warn' | 'error' | 'silent', secrets: readonly string[]): Log => {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    pino.destination({ dest: 2, sync: true }),
  );
  return (at, event, fields = {}) => logger[at](tidy(fields, secrets) as object, redact(event, secrets));
};
