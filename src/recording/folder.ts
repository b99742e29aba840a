import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Recording, RecordingError, recordingOf } from './shape.ts';

export const recordingFile = 'recording.json.gz';
const mebibyte = 1024 * 1024;
/** Unpacked; a triage reads a few hundred kilobytes, a large rules API some megabytes. */
const maxBytes = 256 * mebibyte;
const maxPackedBytes = 64 * mebibyte;

const codeOf = (error: unknown): string => (error as { readonly code?: string }).code ?? 'unknown';
const sizeText = (bytes: number): string => `${Math.ceil(bytes / mebibyte)} MiB`;

export const hasRecording = (folder: string): boolean => existsSync(join(folder, recordingFile));

/** The file as it is, when it is one and not too large: that is known before it is read. */
const packedIn = (file: string): Buffer => {
  try {
    const found = statSync(file);
    const { size } = found;
    if (!found.isFile()) throw new RecordingError(`${file} is no file`);
    if (size > maxPackedBytes)
      throw new RecordingError(`${file} has ${sizeText(size)}, expected at most ${sizeText(maxPackedBytes)}`);
    return readFileSync(file);
  } catch (error) {
    throw error instanceof RecordingError ? error : new RecordingError(`${file} cannot be read (${codeOf(error)})`);
  }
};

const unpacked = (file: string): string => {
  try {
    return gunzipSync(packedIn(file), { maxOutputLength: maxBytes }).toString('utf8');
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    const isLarge = codeOf(error) === 'ERR_BUFFER_TOO_LARGE';
    throw new RecordingError(
      isLarge ? `${file} holds more than ${sizeText(maxBytes)}` : `${file} is damaged: it cannot be unpacked (${codeOf(error)})`,
    );
  }
};

/** What is wrong with a recording, with the name of its file. */
const checked = (file: string, value: unknown): Recording => {
  try {
    return recordingOf(value);
  } catch (error) {
    throw error instanceof RecordingError ? new RecordingError(`${file} ${error.message}`) : error;
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
  return checked(file, value);
};

const tooLarge = (given: string): RecordingError =>
  new RecordingError(`exchanges: ${given} of answers, expected at most ${sizeText(maxBytes)}: nothing was written`);

/** As JSON, which is longer than the answers in it; V8 makes no text of more than half a gibibyte, and says so by a RangeError. */
const textOf = (recording: Recording): string => {
  const characters = recording.exchanges.reduce((sum, one) => sum + ('body' in one ? one.body.length : 0), 0);
  if (characters > maxBytes) throw tooLarge(sizeText(characters));
  try {
    const text = JSON.stringify(recording);
    const bytes = Buffer.byteLength(text);
    if (bytes <= maxBytes) return text;
    throw tooLarge(sizeText(bytes));
  } catch (error) {
    throw error instanceof RangeError ? tooLarge(`more than ${sizeText(maxBytes)}`) : error;
  }
};

/** Writes the recording into a folder that is there: only what can be read again. Throws `RecordingError`. */
export const writeRecording = (folder: string, recording: Recording): void => {
  const file = join(folder, recordingFile);
  checked('what was to be written', recording);
  const packed = gzipSync(textOf(recording), { level: 9 });
  try {
    writeFileSync(file, packed);
  } catch (error) {
    throw new RecordingError(`${file} cannot be written (${codeOf(error)})`);
  }
};
