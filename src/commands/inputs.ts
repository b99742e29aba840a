import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { readPayload } from '../adapters/alertmanager/payload.ts';
import type { AlertGroup } from '../domain/alert.ts';
import type { Evidence } from '../domain/evidence.ts';
import { UsageError } from './usage.ts';

const codeOf = (error: unknown): string => (error as { readonly code?: string }).code ?? 'unknown';

/** What messages call a file that the command line names. */
export const nameOf = (file: string): string => (file === '-' ? 'standard input' : file);

/** The text of a file that the command line names; `-` is standard input. Throws `UsageError`. */
export const readNamed = (file: string): string => {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\u{feff}/u, '');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${codeOf(error)})`);
  }
};

const chunkBytes = 1 << 20;

/** Null where there is more to read than that. */
const bytesWithin = (fd: number, maxBytes: number): Buffer | null => {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= maxBytes; ) {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const read = readSync(fd, chunk);
    if (read === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, read));
    total += read;
  }
  return null;
};

/** As `readNamed`, of so many MiB at most: what is larger is refused before it fills the memory. */
export const readNamedWithin = (file: string, maxMebibytes: number): string => {
  let bytes: Buffer | null = null;
  try {
    const fd = file === '-' ? 0 : openSync(file, 'r');
    bytes = bytesWithin(fd, maxMebibytes * 1024 * 1024);
    if (fd !== 0) closeSync(fd);
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${codeOf(error)})`);
  }
  if (bytes === null) throw new UsageError(`${nameOf(file)} is larger than ${maxMebibytes} MiB`);
  return bytes.toString('utf8');
};

const list = z.array(z.unknown());
const gathered = z.looseObject({ ok: z.boolean() });
/** What tells evidence from every other JSON; its inside is ours. */
const evidenceShape = z.looseObject({
  version: z.literal(1),
  atMs: z.number(),
  cluster: z.string(),
  alerts: list.min(1),
  subject: z.looseObject({ kind: z.string() }),
  located: z.looseObject({ way: z.string() }),
  window: z.looseObject({ startMs: z.number(), endMs: z.number() }),
  path: list,
  readings: list,
  saturation: gathered,
  proxyCounters: gathered,
  changes: gathered,
  gaps: list,
  queries: list,
});

/** Evidence that `--out` saved before. Throws `UsageError`. */
export const readEvidence = (folder: string): Evidence => {
  const file = join(folder, 'evidence.json');
  const text = readNamed(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON`);
  }
  const { success, error } = evidenceShape.safeParse(value);
  if (success) return value as Evidence;
  const [field = 'it'] = error.issues.map(({ path }) => path.join('.')).filter((path) => path !== '');
  throw new UsageError(`${file} is not evidence of version 1, as \`triage --out\` saves it (${field})`);
};

const timeStamp = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)([Zz]|[+-]\d{2}:\d{2})$/;
/** Below lies no alert, only a mistyped year; above are milliseconds. */
const [firstSecond, firstMs] = [946_684_800, 100_000_000_000];

/** RFC 3339, or seconds (or milliseconds) since 1970. A time without a zone would mean another moment on another machine. */
const momentOf = (text: string): number => {
  const [, day, time, zone] = timeStamp.exec(text) ?? [];
  if (day !== undefined) return Date.parse(`${day}T${time}${zone?.toUpperCase()}`);
  if (!/^\d{1,15}(\.\d+)?$/.test(text)) return Number.NaN;
  const given = Number(text);
  return given >= firstMs ? given : given >= firstSecond ? given * 1000 : Number.NaN;
};

/** What `--at` says, in milliseconds; null when it was not given. Throws `UsageError`. */
export const readMoment = (text: string | undefined): number | null => {
  if (text === undefined) return null;
  const atMs = momentOf(text.trim());
  if (!Number.isFinite(atMs))
    throw new UsageError(
      `--at ${text}: expected a time with its zone such as 2026-11-24T07:15:20Z, or seconds since 1970 such as 1795504520`,
    );
  return Math.round(atMs);
};

const has = (value: unknown, ...keys: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && keys.every((key) => Object.hasOwn(value, key));

/** Bodies that look alike and are taken for a webhook's: what each is. */
const mistaken = (value: unknown): string | null => {
  if (has(value, 'status', 'data')) return "an answer of Prometheus' HTTP API";
  if (has(value, 'status', 'error')) return "an error of Prometheus' HTTP API";
  if (Array.isArray(value)) return has(value[0], 'fingerprint') ? "an answer of Alertmanager's API" : 'a list';
  if (has(value, 'atMs', 'subject')) return 'evidence, which `--replay FOLDER` reads';
  if (has(value, 'groups')) return 'a file of alert rules';
  return null;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** A webhook body. Throws `UsageError` with the field that is wrong, or with what the text is instead. */
export const readBody = (text: string): AlertGroup => {
  const read = readPayload(text);
  if (read.ok) return read.group;
  const other = mistaken(parsed(text));
  if (other !== null)
    throw new UsageError(`the body was refused: it is ${other}; expected what Alertmanager posts to a webhook (version "4")`);
  const { field, given, expected } = read.refusal;
  throw new UsageError(`the body was refused: ${field} is ${given}; expected ${expected}`);
};

/** Makes a folder and those above it, one by one: Node's own `recursive` never ends where the system takes no folder (/proc). */
const makeEach = (folder: string): void => {
  if (existsSync(folder)) return;
  makeEach(dirname(folder));
  mkdirSync(folder);
};

/** Whether a file can be made there: the rights alone do not tell (a superuser has them all, also on what is mounted read-only). */
const tryWriting = (folder: string): void => rmdirSync(mkdtempSync(join(folder, '.edgewise-')));

/** The folder to write into, made where it is missing, before any work is done for it. Throws `UsageError`. */
export const openFolder = (folder: string): string => {
  const path = resolve(folder);
  const refuse = (what: string): never => {
    throw new UsageError(`--out ${folder} ${what}`);
  };
  try {
    makeEach(path);
  } catch (error) {
    refuse(`cannot be made (${codeOf(error)})`);
  }
  if (!statSync(path).isDirectory()) refuse('is a file, not a folder');
  try {
    tryWriting(path);
  } catch (error) {
    refuse(`cannot be written to (${codeOf(error)})`);
  }
  return folder;
};
