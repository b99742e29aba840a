import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording, recordingFile, writeRecording } from '../../src/recording/folder.ts';
import { recordingOf } from '../../src/recording/shape.ts';

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
  ])('with %s is refused, and the field is named', (_name, value, field) => {
    writeFileSync(join(folder, recordingFile), gzipSync(JSON.stringify(value)));
    expect(() => readRecording(folder)).toThrow(field);
    expect(() => readRecording(folder)).toThrow(recordingFile);
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
});
