import type { Dispatcher } from 'undici';
import { SourceError } from '../../domain/gathered.ts';

const sizeText = (bytes: number): string =>
  bytes >= 1024 * 1024 ? `${Math.floor(bytes / (1024 * 1024))} MiB` : `${Math.floor(bytes / 1024)} KiB`;

const tooLargeWords = 'answered with more than';

/** An answer that nobody reads to its end, as against one that the back end itself finds too dear: of less there may be one. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof SourceError && error.reason === 'too-expensive' && error.message.startsWith(tooLargeWords);

/**
 * Reads a body to its end, at most `maxBytes` and at most `withinMs`: undici's own body timeout is between two chunks, and a slow drip would never meet it.
 * A compressed body is refused unread: none is asked for, and a small one could be endless in memory.
 */
export const readText = async (
  name: string,
  { headers, body }: Pick<Dispatcher.ResponseData, 'headers' | 'body'>,
  { maxBytes, withinMs }: { readonly maxBytes: number; readonly withinMs: number },
): Promise<string> => {
  const stop = (error: SourceError): never => {
    body.on('error', () => undefined).destroy();
    throw error;
  };
  const tooLarge = (): SourceError => new SourceError(name, 'too-expensive', `${tooLargeWords} ${sizeText(maxBytes)}`);
  const encoding = String(headers['content-encoding'] ?? 'identity');
  if (encoding !== 'identity')
    return stop(new SourceError(name, 'malformed', 'answered with a compressed body, which was not asked for'));
  if (Number(headers['content-length'] ?? 0) > maxBytes) return stop(tooLarge());
  const late = new SourceError(name, 'timeout', `did not finish its answer in ${(withinMs / 1000).toFixed(1)} s`);
  const timer = setTimeout(() => body.destroy(late), withinMs);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += (chunk as Buffer).length;
      if (size > maxBytes) return stop(tooLarge());
      chunks.push(chunk as Buffer);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString('utf8');
};
