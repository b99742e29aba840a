import type { Clock } from '../../ports.ts';
import { type Buckets, buckets } from './buckets.ts';
import { classify } from './classify.ts';
import type { SlackApi } from './web.ts';

type CallHooks = { readonly onCall: (method: string, result: string) => void; readonly onWait: (seconds: number) => void };

/** Slack's methods with their rate limits kept, and every answer counted. Errors are passed on as they are. */
export const slackCalls = (web: SlackApi, clock: Clock, hooks: CallHooks) => {
  const limits: Buckets = buckets(clock.nowMs);
  const call = async (method: string, options: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const waitMs = limits.methodWait(method);
    if (waitMs > 0) {
      hooks.onWait(waitMs / 1000);
      await clock.sleep(waitMs);
    }
    limits.takeMethod(method);
    try {
      const answer = await web.apiCall(method, options);
      hooks.onCall(method, 'ok');
      return answer as unknown as Record<string, unknown>;
    } catch (error) {
      const failure = classify(error);
      hooks.onCall(method, failure.kind);
      // A post's limit is its channel's, which the sender holds: a refusal in one channel must not stop the others.
      if (failure.kind === 'rate-limited' && method !== 'chat.postMessage') limits.holdMethod(method, failure.waitMs);
      throw error;
    }
  };
  return { call, limits };
};

export type SlackCalls = ReturnType<typeof slackCalls>;
