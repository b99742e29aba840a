import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording, recordingFile, writeRecording } from '../../src/recording/folder.ts';
import { RecordingError, recordingOf } from '../../src/recording/shape.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-recording-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const alert = { status: 'firing', labels: {}, startsAt: '2026-11-24T07:15:20Z', fingerprint: 'f1' };
const exchange = { source: 'Prometheus', method: 'POST', path: 'api/v1/query', query: [], form: [['query', 'up']] };
const whole = {
  version: 1,
  atMs: 1,
  cluster: { name: 'prod', mesh: 'istio' },
  delivery: { version: '4', receiver: 'r', status: 'firing', groupKey: 'g', alerts: [alert] },
  exchanges: [{ ...exchange, status: 200, body: '{}' }],
};

describe('a recording', () => {
  it('is read as it was written', () => {
    const recording = recordingOf(whole);
    writeRecording(folder, recording);
    expect(readRecording(folder)).toEqual(recording);
  });

  it.each([
    ['another version', { ...whole, version: 2 }, 'version: '],
    ['no clock', { ...whole, atMs: undefined }, 'atMs: '],
    ['a mesh that nobody knows', { ...whole, cluster: { name: 'prod', mesh: 'consul' } }, 'cluster.mesh: '],
    ['an exchange without its answer', { ...whole, exchanges: [exchange] }, 'exchanges.0.'],
    ['an answer that is no text', { ...whole, exchanges: [{ ...exchange, status: 200, body: {} }] }, 'exchanges.0.body: '],
    [
      'a failure for no known reason',
      { ...whole, exchanges: [{ ...exchange, failure: { reason: 'tired', detail: '' } }] },
      'exchanges.0.failure.reason: ',
    ],
    ['a delivery that is none', { ...whole, delivery: { version: '4' } }, 'delivery.receiver: '],
    ['a field that nobody knows', { ...whole, headers: {} }, 'is not a recording of version 1'],
    [
      'a moment that no calendar has',
      { ...whole, atMs: 9e15 },
      'atMs: 9000000000000000, expected number to be <=253402300799999',
    ],
    [
      'more exchanges than anybody records',
      { ...whole, exchanges: Array.from({ length: 5001 }, () => null) },
      'exchanges: a list of 5001, expected at most 5000',
    ],
    [
      'more fields than a question has',
      { ...whole, exchanges: [{ ...exchange, form: Array.from({ length: 101 }, () => ['a', 'b']), status: 200, body: '{}' }] },
      'exchanges.0.form: a list of 101, expected at most 100 pairs of a name and a text',
    ],
    [
      'a field that is no text',
      { ...whole, exchanges: [{ ...exchange, query: [['a', 1]], status: 200, body: '{}' }] },
      'exchanges.0.query: a list of 1, expected at most 100 pairs of a name and a text',
    ],
    [
      'nothing that was asked',
      { ...whole, delivery: undefined },
      'delivery: nothing, expected the body of a webhook, or a question',
    ],
    ['a question beside a delivery', { ...whole, question: 'why payments' }, 'question: given beside a delivery, expected one'],
    [
      'a question that is about no edge',
      { ...whole, delivery: undefined, question: 'stat payments' },
      'question: "stat payments", expected what is asked of an edge, such as "why checkout → payments"',
    ],
  ])('with %s is refused, and the field is named', (_name, value, field) => {
    writeFileSync(join(folder, recordingFile), gzipSync(JSON.stringify(value)));
    expect(() => readRecording(folder)).toThrow(field);
    expect(() => readRecording(folder)).toThrow(recordingFile);
  });

  it('holds what a person asked in place of what Alertmanager sent', () => {
    const { delivery: _, ...rest } = whole;
    const recording = recordingOf({ ...rest, question: 'why checkout → payments' });
    writeRecording(folder, recording);
    expect(readRecording(folder)).toEqual(recording);
    expect(recording).not.toHaveProperty('delivery');
  });

  it('whose delivery is nested deeper than any webhook is refused', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const text = JSON.stringify({ ...whole, delivery: 'DEEP' }).replace('"DEEP"', deep);
    writeFileSync(join(folder, recordingFile), gzipSync(text));
    expect(() => readRecording(folder)).toThrow('delivery: nested more than 32 deep, expected the body of a webhook');
    expect(() => readRecording(folder)).toThrow(RecordingError);
  });

  it('that was cut is told as damaged, and one that is no JSON too', () => {
    writeFileSync(join(folder, recordingFile), gzipSync(JSON.stringify(whole)).subarray(0, 40));
    expect(() => readRecording(folder)).toThrow('is damaged: it cannot be unpacked');
    writeFileSync(join(folder, recordingFile), gzipSync('{"version":1,'));
    expect(() => readRecording(folder)).toThrow('is not JSON');
  });

  it('that unpacks to more than anybody records is not unpacked', () => {
    writeFileSync(join(folder, recordingFile), gzipSync(Buffer.alloc(257 * 1024 * 1024)));
    expect(() => readRecording(folder)).toThrow('holds more than 256 MiB');
  });

  it('that is larger than anybody packs is not read', () => {
    writeFileSync(join(folder, recordingFile), '');
    // More than Node reads into a buffer at all.
    truncateSync(join(folder, recordingFile), 3 * 1024 ** 3);
    expect(() => readRecording(folder)).toThrow(/recording\.json\.gz has 3072 MiB, expected at most 64 MiB$/);
  });

  it('that is no file, or that is not there, is told as that', () => {
    const place = mkdtempSync(join(folder, 'empty-'));
    expect(() => readRecording(place)).toThrow(/recording\.json\.gz cannot be read \(ENOENT\)$/);
    mkdirSync(join(place, recordingFile));
    expect(() => readRecording(place)).toThrow(/recording\.json\.gz is no file$/);
  });
});

describe('a recording that is to be written', () => {
  const holding = (...bodies: readonly string[]) =>
    recordingOf({ ...whole, exchanges: bodies.map((body) => ({ ...exchange, status: 200, body })) });
  const hundred = 100 * 1024 ** 2;

  it.each([
    ['whose answers are more than may be read', [' ', ' ', ' '], 'exchanges: 300 MiB of answers, expected at most 256 MiB'],
    // As JSON each is six characters, together more than V8 puts into one text.
    ['whose text no string can hold', ['\0'], 'exchanges: more than 256 MiB of answers, expected at most 256 MiB'],
  ])('%s is refused', (_name, characters, words) => {
    const place = mkdtempSync(join(folder, 'large-'));
    const write = (): void => writeRecording(place, holding(...characters.map((one) => one.repeat(hundred))));
    expect(write).toThrow(words);
    expect(write).toThrow(RecordingError);
    expect(existsSync(join(place, recordingFile))).toBe(false);
  });

  it('is checked as one that is read: what could not be read again is not written', () => {
    const place = mkdtempSync(join(folder, 'unreadable-'));
    const recording = { ...recordingOf(whole), atMs: 9e15 };
    expect(() => writeRecording(place, recording)).toThrow('what was to be written is not a recording of version 1 (atMs: ');
    expect(existsSync(join(place, recordingFile))).toBe(false);
  });
});
