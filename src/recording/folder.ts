import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Recording, RecordingError, recordingOf } from './shape.ts';

export const recordingFile = 'recording.json.gz';
const mebibyte = 1024 * 1024;
/** Unpacked; a triage reads a few hundred kilobytes, a large rules API some megabytes. */
const maxBytes = 256 * mebibyte;
const maxPackedBytes = 64 * mebibyte;

const codeOf = (error: unknown): string => (error as { readonly code?: string }).code ?? 'unknown';

export const hasRecording = (folder: string): boolean => existsSync(join(folder, recordingFile));

const unpacked = (file: string): string => {
  let packed: Buffer;
  try {
    packed = readFileSync(file);
  } catch (error) {
    throw new RecordingError(`${file} cannot be read (${codeOf(error)})`);
  }
  if (packed.length > maxPackedBytes) throw new RecordingError(`${file} is larger than ${maxPackedBytes / mebibyte} MiB`);
  try {
    return gunzipSync(packed, { maxOutputLength: maxBytes }).toString('utf8');
  } catch (error) {
    const isLarge = codeOf(error) === 'ERR_BUFFER_TOO_LARGE';
    throw new RecordingError(
      isLarge
        ? `${file} holds more than ${maxBytes / mebibyte} MiB`
        : `${file} is damaged: it cannot be unpacked (${codeOf(error)})`,
    );
  }
};

/** The recording of a folder. Throws `RecordingError` that names the file and what is wrong in it. */
export const readRecording = (folder: string): Recording => {
  const file = join(folder, recordingFile);
  const text = unpacked(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RecordingError(`${file} is not JSON`);
  }
  try {
    return recordingOf(value);
  } catch (error) {
    throw error instanceof RecordingError ? new RecordingError(`${file} ${error.message}`) : error;
  }
};

/** Writes the recording into a folder that is there. */
export const writeRecording = (folder: string, recording: Recording): void => {
  const text = JSON.stringify(recording);
  if (Buffer.byteLength(text) > maxBytes)
    throw new RecordingError(`the answers are more than ${maxBytes / mebibyte} MiB: nothing was written`);
  const file = join(folder, recordingFile);
  try {
    writeFileSync(file, gzipSync(text, { level: 9 }));
  } catch (error) {
    throw new RecordingError(`${file} cannot be written (${codeOf(error)})`);
  }
};
