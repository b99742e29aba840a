import { isIP } from 'node:net';
import { z } from 'zod';
import { proxyAddress } from '../adapters/http/proxy.ts';
import { daysOf } from '../adapters/slo/fields.ts';
import { isZone } from '../domain/local-time.ts';
import { durationText, secondsOfDuration } from '../domain/silence.ts';
import { teamPattern } from './patterns.ts';

/** The kinds of values that settings have, each with the words that mistakes say. */
export type Kind = { readonly schema: z.ZodType; readonly expected: string };

const items = (value: string): readonly string[] => value.split(/[,\s]+/).filter((item) => item !== '');

/** One or more items by comma or line, each of which must pass. */
const listOf = (isGood: (item: string) => boolean, expected: string): Kind => ({
  schema: z
    .string()
    .transform(items)
    .refine((all) => all.length > 0 && all.every(isGood)),
  expected,
});

const isAddress = (text: string): boolean => {
  const url = URL.parse(text);
  return (
    url !== null &&
    /^https?:\/\/[^/]/.test(text) &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === ''
  );
};

/** Credentials have settings of their own: an address is shown in messages and logs. */
export const address: Kind = {
  schema: z.string().refine(isAddress),
  expected: 'an http(s) address without user, password or query',
};

export const text = (expected: string): Kind => ({ schema: z.string().min(1), expected });
export const file: Kind = { schema: z.string().min(1), expected: 'a PEM file that can be read' };
export const flag: Kind = {
  schema: z.enum(['true', 'false']).transform((value) => value === 'true'),
  expected: 'true or false',
};
export const oneOf = (...values: readonly [string, ...string[]]): Kind => ({
  schema: z.enum(values),
  expected: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
});
export const number = (expected: string, schema: z.ZodNumber): Kind => ({
  schema: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .pipe(schema),
  expected,
});
/** A duration as people write it, in seconds. */
export const duration = (leastSeconds: number, mostSeconds: number): Kind => ({
  schema: z.string().transform(secondsOfDuration).pipe(z.number().min(leastSeconds).max(mostSeconds)),
  expected: `a duration between ${durationText(leastSeconds)} and ${durationText(mostSeconds)}`,
});
export const like = (pattern: RegExp, expected: string): Kind => ({ schema: z.string().regex(pattern), expected });

/** `host:port`, `[::1]:8080`; port 0 lets the machine choose. */
export const listener: Kind = {
  schema: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):\d{1,5}$/)
    .transform((value) => {
      const at = value.lastIndexOf(':');
      return { host: value.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(value.slice(at + 1)) };
    })
    .refine(({ host, port }) => port <= 65_535 && (!host.includes(':') || isIP(host) === 6)),
  expected: 'host:port',
};

export const zone: Kind = { schema: z.string().refine(isZone), expected: 'an IANA zone' };

const isRange = (value: string): boolean => {
  const [network = '', prefix, rest] = value.split('/');
  const family = isIP(network);
  if (family === 0 || rest !== undefined) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
};
export const ranges = listOf(isRange, 'addresses or CIDR ranges, by comma');
export const hosts = listOf(
  (item) => /^\.?[a-z0-9][a-z0-9.-]*$/i.test(item),
  'host names, by comma; a leading dot means subdomains',
);

/** Paths by comma alone: they may have spaces in them. */
export const paths: Kind = {
  schema: z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((path) => path.trim())
        .filter((path) => path !== ''),
    )
    .refine((all) => all.length > 0),
  expected: 'files, folders or patterns, by comma',
};
export const days: Kind = {
  schema: z.string().transform(daysOf).pipe(z.number()),
  expected: 'whole days or weeks, at most 366 days',
};

/** Prometheus 3 takes dots in names too, and OpenTelemetry writes them (prometheus.io, "UTF-8 names"). */
export const labels = listOf((item) => /^[a-zA-Z_][\w.]*$/.test(item), 'label names, by comma');

/** 128 random bits are 22 characters of base64 (OWASP ASVS 5.0, 11.5.1); what is shorter than 16 can be guessed. */
export const tokens = listOf((item) => item.length >= 16, 'one or more tokens of at least 16 characters, by comma or line');
export const pairs = listOf(
  (item) => /^[^:]+:.{8,}$/.test(item),
  'one or more user:password (8 characters or more), by comma or line',
);

/** An AES-256 key; Node would drop what is no base64, and take what is left. */
const isKey = (item: string): boolean => /^[A-Za-z0-9+/]{43}=?$/.test(item) && Buffer.from(item, 'base64').length === 32;
export const keys = listOf(isKey, 'one or more keys of 32 bytes as base64, by comma or line');
export const teams = listOf((item) => teamPattern.test(item), 'ids of workspaces, such as T012ABC, by comma');

const isProxy = (value: string): boolean => /^https?:$/.test(URL.parse(proxyAddress(value))?.protocol ?? '');
export const proxy: Kind = { schema: z.string().refine(isProxy), expected: 'an http(s) proxy' };
