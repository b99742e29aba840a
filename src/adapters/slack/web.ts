import { type Logger, LogLevel, WebClient } from '@slack/web-api';

type SlackWebOptions = {
  /** Absent: for the methods that have none. */
  readonly token?: string;
  /** Any Slack-compatible API; with a trailing slash. */
  readonly apiUrl: string;
  /** Proxy and CA aware; never the `headers` option, which the client shares between tokens. */
  readonly fetch?: typeof globalThis.fetch;
  readonly timeoutMs?: number;
};

const nothing = (): void => undefined;

/** Slack's client would write lines of its own beside our log; what it says reaches us as errors. */
export const silent: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => LogLevel.ERROR,
  setName: nothing,
};

/** Slack's own client with retries left to the outbox: its own would post twice after a timeout, and a 429 would stop every channel. */
export const slackWeb = ({ token, apiUrl, fetch, timeoutMs = 8000 }: SlackWebOptions): WebClient =>
  new WebClient(token, {
    slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`,
    timeout: timeoutMs,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    maxRequestConcurrency: 20,
    logger: silent,
    ...(fetch ? { fetch } : {}),
  });

/** Slack's methods, as our callers need them. */
export type SlackApi = Pick<WebClient, 'apiCall'>;

/** The same with whatever token is good at the moment of the call. */
export const slackWebBy = (options: Omit<SlackWebOptions, 'token'>, tokenNow: () => Promise<string>): SlackApi => {
  let made = { token: '', web: slackWeb(options) };
  return {
    apiCall: async (method, given) => {
      const token = await tokenNow();
      if (token !== made.token) made = { token, web: slackWeb({ ...options, token }) };
      return made.web.apiCall(method, given);
    },
  };
};
