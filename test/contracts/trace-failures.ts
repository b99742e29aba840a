import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpSource, httpSource } from '../../src/adapters/http/client.ts';
import { SourceError } from '../../src/domain/gathered.ts';
import type { TraceSource } from '../../src/ports.ts';
import { openServer } from '../adapters/http/servers.ts';
import { storyEdge, storyWindow, worstId } from '../support/trace-story.ts';

const text =
  (status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);

const chunk = Buffer.alloc(1024 * 1024, ' ');

/** As fast as it is read, for as long as somebody reads. */
const endless: RequestListener = (_request, response) => {
  const send = (): void => {
    while (!response.destroyed) if (!response.write(chunk)) return;
  };
  response.writeHead(200).on('drain', send);
  send();
};

const page = '<!doctype html><html><title>Sign in</title></html>';
const secret = 'http://elastic:hunter2@es:9200/x?token=hunter2';

/** What goes wrong between a source and its store, the reason of the gap, and the words for it. */
const failures: readonly (readonly [string, RequestListener, string, RegExp])[] = [
  ['a page', text(200, page, { 'content-type': 'text/html' }), 'malformed', /web page/],
  ['no entry', text(401, ''), 'refused', /refused the credentials/],
  ['no right to', text(403, ''), 'refused', /refused the credentials/],
  ['an address that is not there', text(404, page), 'absent', /path prefix/],
  ['too many calls', text(429, 'slow down'), 'too-expensive', /fewer calls/],
  ['trouble', text(500, `no node available: ${secret}`), 'unreachable', /HTTP 500/],
  ['trouble behind a proxy', text(503, page), 'unreachable', /HTTP 503/],
  ['another address', text(302, '', { location: 'http://127.0.0.1:1/' }), 'malformed', /redirects/],
  ['words', text(200, 'hello'), 'malformed', /JSON/],
  ['JSON that breaks off', text(200, '{"result":{"resourceSpans":[{'), 'malformed', /answered with/],
  ['JSON of something else', text(200, '{"status":"success","data":{"result":[]}}'), 'malformed', /answered with/],
  [
    'a body that breaks off',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"data":[');
      setTimeout(() => response.destroy(), 20);
    },
    'unreachable',
    /closed the connection/,
  ],
  ['ever more, without saying how much', endless, 'too-expensive', /more than \d+ MiB/],
  [
    'a compressed body that would grow',
    text(200, gzipSync(Buffer.alloc(1024 * 1024)), { 'content-encoding': 'gzip' }),
    'malformed',
    /compressed/,
  ],
  ['more than 64 MiB', text(200, '', { 'content-length': String(65 * 1024 * 1024) }), 'too-expensive', /more than \d+ MiB/],
  ['nothing', () => undefined, 'timeout', /in \d+\.\d s|in time/],
  [
    'a byte at a time',
    (_request, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
    'timeout',
    /in \d+\.\d s|in time/,
  ],
  [
    'the beginning of an answer',
    (_request, response) => void response.writeHead(200).write('['),
    'timeout',
    /in \d+\.\d s|in time/,
  ],
];

/**
 * How every trace source fails: as a gap with the right reason and plain words. `listing` answers what the store is asked before it is searched,
 * so that the search itself fails too; null for any other path.
 */
export const traceFailureContract = (
  name: string,
  open: (http: HttpSource) => TraceSource,
  listing: (path: string) => string | null,
): void => {
  describe(`${name} that answers with`, () => {
    const endings: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const end of endings.splice(0).reverse()) await end();
    });
    const sourceOver = async (answer: RequestListener): Promise<TraceSource> => {
      const server = await openServer(answer);
      endings.push(server.close);
      const http = httpSource({ name, url: `http://user:hunter2@127.0.0.1:${server.port}/base`, bearerToken: 'hunter2' });
      endings.push(http.close);
      return open(http);
    };
    const fails = async (asked: Promise<unknown>, reason: string, words: RegExp): Promise<void> => {
      const error: unknown = await asked.then(
        () => new Error('an answer came'),
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(SourceError);
      expect(error).toMatchObject({ source: name, reason, message: expect.stringMatching(words) });
      const { message } = error as SourceError;
      expect(message).not.toContain('hunter2');
      expect(message).not.toMatch(/[<\n]/);
      expect(message.length).toBeLessThan(200);
    };
    const wanted = { edge: storyEdge, window: storyWindow(Date.now()), leastMicros: null, isFailed: false, most: 5 };

    it.each(failures)('%s', async (_name, answer, reason, words) => {
      const patience = () => ({ signal: AbortSignal.timeout(reason === 'timeout' ? 300 : 5000) });
      await fails((await sourceOver(answer)).byId(worstId, patience()), reason, words);
      const listed: RequestListener = (request, response) => {
        const list = listing(new URL(request.url ?? '', 'http://x').pathname);
        if (list === null) answer(request, response);
        else response.end(list);
      };
      await fails((await sourceOver(listed)).search(wanted, patience()), reason, words);
      await fails((await sourceOver(listed)).search({ ...wanted, isFailed: true }, patience()), reason, words);
    });
  });
};
