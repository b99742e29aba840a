import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpAnswer, HttpCall, HttpSource } from '../../src/adapters/http/client.ts';
import { SourceError } from '../../src/domain/gathered.ts';

/** Public recordings of real stores, or why suites on them are skipped. */
export const recordings = process.env['EDGEWISE_FIXTURES'] ?? null;
export const recordingsMissing: string | null = recordings === null ? 'EDGEWISE_FIXTURES is not set' : null;

type Index = { readonly responses: Readonly<Record<string, { readonly status: number; readonly contentType: string | null }>> };

/** A source whose answers were recorded: `fileFor` says which of the folder's files answers a call; a text is an answer that was too short to keep. */
export const recordedHttp = (
  name: string,
  folder: string,
  fileFor: (path: string, query: ReadonlyMap<string, string>) => string | { readonly status: number; readonly text: string },
): HttpSource => {
  const read = (file: string): string => readFileSync(join(recordings ?? '', 'trace-backends', folder, file), 'utf8');
  const { responses } = JSON.parse(read('index.json')) as Index;
  const answerTo = ({ path, query = [] }: HttpCall): HttpAnswer => {
    const file = fileFor(path, new Map(query));
    if (typeof file !== 'string') return { ...file, headers: { 'content-type': 'text/plain; charset=utf-8' } };
    const { status = 0, contentType = null } = responses[file] ?? {};
    return { status, headers: contentType === null ? {} : { 'content-type': contentType }, text: read(file) };
  };
  return {
    name,
    close: async () => undefined,
    request: async (call) => {
      if (call.signal.aborted) throw new SourceError(name, 'timeout', 'did not answer in 0.0 s');
      return answerTo(call);
    },
  };
};
