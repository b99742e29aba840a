import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { App, Receiver } from '@slack/bolt';
import type { Clock, Log } from '../../ports.ts';
import { memoryOf } from './inbox-memory.ts';
import { bodyIn, bytesOf } from './request.ts';
import { isGenuine, isTimely, type Seal, sealedWithinSeconds, sealIn } from './signing.ts';

type DoorOptions = { readonly signingSecret: string; readonly clock: Pick<Clock, 'nowMs'>; readonly log: Log };

/** What is answered. `content` of null is an empty body: who is refused is told nothing. */
type Answer = { readonly status: number; readonly content: string | object | null };

const only = (status: number): Answer => ({ status, content: null });

/** Requests of Slack's that are read at once: alerts come by the same port, and their room is not for others. */
const mostAtOnce = 64;

const send = (response: ServerResponse, { status, content }: Answer): void => {
  if (response.headersSent || response.destroyed) return;
  const isText = typeof content === 'string';
  // What is left of a refused body is not read, so that connection cannot be used again.
  const close = status >= 400 ? { connection: 'close' } : {};
  if (content === null) response.writeHead(status, { 'content-length': 0, ...close }).end();
  else
    response
      .writeHead(status, { 'content-type': `${isText ? 'text/plain' : 'application/json'}; charset=utf-8`, ...close })
      .end(isText ? content : JSON.stringify(content));
};

/** A wrong secret refuses everything, and so may a stranger: the log hears of it once a minute, in words that nobody else gets. */
const refusals = ({ clock, log }: DoorOptions) => {
  let [count, toldMs] = [0, Number.NEGATIVE_INFINITY];
  return (why: string): Answer => {
    count += 1;
    if (clock.nowMs() - toldMs >= 60_000) {
      log('warn', 'requests that are not signed as Slack does are refused', { why, count });
      [count, toldMs] = [0, clock.nowMs()];
    }
    return only(401);
  };
};

type Body = Readonly<Record<string, unknown>>;

/** What Slack asks of the address alone; null: it is a gesture (docs.slack.dev/reference/events/url_verification). */
const aboutAddress = (body: Body): Answer | null => {
  if (body['type'] === 'url_verification') return { status: 200, content: String(body['challenge'] ?? '') };
  return body['ssl_check'] === '1' ? only(200) : null;
};

/** Runs a body through Bolt; resolves as soon as it is acknowledged, or when it ended without that. */
const processed = (app: App, body: Body, { signature }: Seal, log: Log): Promise<Answer> => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const ack = async (content?: unknown): Promise<void> =>
    resolve({ status: 200, content: content === undefined || content === '' ? null : (content as string | object) });
  // Every replica knows a request by its signature: it comes to the gesture, whose names the store remembers.
  app.processEvent({ body, ack, customProperties: { deliveredAs: `signature:${signature}` } }).then(
    () => resolve(only(200)),
    (error: unknown) => {
      log('error', 'a request of Slack could not be worked', { error });
      resolve(only(500));
    },
  );
  return promise;
};

/** Requests whose seal is good: each once, though it may be sent again by who has recorded it. */
const admitting = (options: DoorOptions, appNow: () => App | null) => {
  // A seal from the future is good for twice the time.
  const played = memoryOf<true>(options.clock.nowMs, { forMs: 2 * sealedWithinSeconds * 1000, most: 20_000 });
  return async (seal: Seal, body: Body | null): Promise<Answer> => {
    if (body === null) return only(400);
    if (played.recall(seal.signature)) return only(200);
    const about = aboutAddress(body);
    if (about !== null) return about;
    const app = appNow();
    if (app === null) return only(503);
    const answer = await processed(app, body, seal, options.log);
    // One that failed comes again from Slack itself, sealed as before.
    if (answer.status === 200) played.keep(seal.signature, true);
    return answer;
  };
};

/**
 * The way in for Slack's HTTP requests: signature, time and size are judged before anything is read into, and Bolt gets the rest as from
 * Socket Mode (docs.slack.dev/tools/bolt-js/concepts/receiver). One door outlives the apps behind it.
 */
export const slackDoor = (options: DoorOptions) => {
  const { signingSecret, clock, log } = options;
  let [made, open]: [App | null, App | null] = [null, null];
  let atOnce = 0;
  const refuse = refusals(options);
  const admit = admitting(options, () => open);

  const judge = async (request: IncomingMessage): Promise<Answer> => {
    if (request.method !== 'POST') return only(405);
    if (request.headers['content-encoding'] !== undefined) return only(415);
    const seal = sealIn(request.headersDistinct);
    if (seal === null) return refuse('no signature');
    if (!isTimely(seal, clock.nowMs())) return refuse('a time more than 5 min from ours: is a clock wrong?');
    const bytes = await bytesOf(request);
    if (bytes === null) return only(413);
    if (!isGenuine(seal, bytes, signingSecret)) return refuse('a signature by another secret than SLACK_SIGNING_SECRET');
    return admit(seal, bodyIn(bytes, request.headers['content-type']));
  };

  const listener: RequestListener = (request, response) => {
    if (atOnce >= mostAtOnce) return send(response, only(503));
    atOnce += 1;
    judge(request)
      .catch((error: unknown): Answer => {
        // Who goes away in the middle of a request has no answer to read.
        log('debug', 'a request could not be read', { error });
        return only(400);
      })
      .then((answer) => send(response, answer))
      .finally(() => {
        atOnce -= 1;
      });
  };

  const receiver: Receiver = {
    init: (app) => {
      made = app;
    },
    start: async () => {
      open = made;
    },
    stop: async () => {
      open = null;
    },
  };
  return { listener, receiver };
};

export type SlackDoor = ReturnType<typeof slackDoor>;
