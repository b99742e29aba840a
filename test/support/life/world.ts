import type { HttpSource } from '../../../src/adapters/http/client.ts';
import { type SlackCalls, slackCalls } from '../../../src/adapters/slack/calls.ts';
import { slackWeb } from '../../../src/adapters/slack/web.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import type { Job, Store } from '../../../src/ports.ts';
import type { Workspace } from '../../../src/workspace/workspace.ts';
import type { StoryClock } from './clock.ts';
import { argumentsOf, type Told } from './told.ts';

/** Later work by when it is due: the story's clock does it, where the store's own would wait in real time. */
export type Due = { readonly job: Job; readonly atMs: number };

const isSame = (one: Due) => (other: Due) => one.atMs === other.atMs && JSON.stringify(one.job) === JSON.stringify(other.job);

const staleEveryMs = 60_000;

/** Every full minute somebody looks for what nobody reports any more; a story does while anything is open, or a night would be long. */
export const lookForStale = (due: Due[], nowMs: number): void => {
  if (due.some(({ job }) => job.kind === 'staleness')) return;
  due.push({ job: { kind: 'staleness' }, atMs: (Math.floor(nowMs / staleEveryMs) + 1) * staleEveryMs });
};

/** The real store, waited for; later work goes to the story. */
export const storyStore = (store: Store, { clock, waitsFor }: StoryClock, due: Due[]): Store => {
  const add = (one: Due): void => {
    if (!due.some(isSame(one))) due.push(one);
  };
  const waited =
    <Given extends readonly unknown[], T>(ask: (...given: Given) => Promise<T>) =>
    (...given: Given): Promise<T> =>
      waitsFor(ask(...given));
  const { outbox } = store;
  return {
    ...store,
    accept: waited(store.accept),
    delivery: waited(store.delivery),
    later: async (job, atMs) => add({ job, atMs }),
    incidentOfAlert: waited(store.incidentOfAlert),
    incident: waited(store.incident),
    openIncidents: waited(store.openIncidents),
    standings: { ...store.standings, all: waited(store.standings.all) },
    claimRoot: waited(store.claimRoot),
    change: (scope, key, reopenAfterMs, decide) => {
      let wanted: readonly Due[] = [];
      const changing = store.change(scope, key, reopenAfterMs, (current) => {
        const decision = decide(current);
        wanted = decision?.jobs ?? [];
        return decision === null ? null : { ...decision, jobs: [] };
      });
      return waitsFor(
        changing.then((incident) => {
          wanted.forEach(add);
          if (incident?.state === 'open') lookForStale(due, clock.nowMs());
          return incident;
        }),
      );
    },
    outbox: {
      claim: waited(outbox.claim),
      sent: waited(outbox.sent),
      retry: waited(outbox.retry),
      release: waited(outbox.release),
      park: waited(outbox.park),
      waiting: waited(outbox.waiting),
    },
    audit: waited(store.audit),
    feedback: waited(store.feedback),
  };
};

/** How a source is: it answers, it refuses at once, or nothing ever comes back. */
export type Condition = 'answers' | 'refuses' | 'hangs';

/** A source that is as the story says at the moment. */
export const conditioned = (
  http: HttpSource,
  isNow: () => Condition,
  { clock, waitsFor }: StoryClock,
  patienceMs: number,
): HttpSource => ({
  ...http,
  request: async (call) => {
    const condition = isNow();
    if (condition === 'refuses') throw new SourceError(http.name, 'unreachable', 'refused the connection');
    if (condition === 'answers') return waitsFor(http.request(call));
    await clock.sleep(patienceMs);
    throw new SourceError(http.name, 'timeout', `did not answer in ${(patienceMs / 1000).toFixed(1)} s`);
  },
});

/** One call after the other, in the order in which they are made: on sockets of their own they would overtake each other. */
const inOrder = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
};

/** The workspace as the bot reaches it: the shipped client, every call told, and down when the story says so. */
export const storySlack = (
  workspace: Pick<Workspace, 'apiUrl' | 'botToken'>,
  { clock, waitsFor }: StoryClock,
  isUp: () => boolean,
  tell: (told: Told) => void,
): { readonly calls: SlackCalls; readonly fetch: typeof globalThis.fetch } => {
  const next = inOrder();
  const web = slackWeb({ token: workspace.botToken, apiUrl: workspace.apiUrl });
  const ask = web.apiCall.bind(web);
  const reach = async (method: string, given: Record<string, unknown>) => {
    if (!isUp()) throw Object.assign(new Error('Slack answers 503'), { code: 'slack_webapi_http_error', statusCode: 503 });
    return ask(method, given);
  };
  const apiCall = async (method: string, given: Record<string, unknown> = {}) => {
    const about = { kind: 'call', atMs: clock.nowMs(), method, given: argumentsOf(given) } as const;
    try {
      const answer = await waitsFor(next(() => reach(method, given)));
      tell({ ...about, answer: answer as unknown as Record<string, unknown> });
      return answer;
    } catch (error) {
      const { statusCode, data } = error as { statusCode?: number; data?: { error?: string } };
      tell({
        ...about,
        answer: { ok: false, ...(data?.error === undefined ? { status: statusCode ?? 0 } : { error: data.error }) },
      });
      throw error;
    }
  };
  return {
    calls: slackCalls(Object.assign(web, { apiCall }), clock, { onCall: () => undefined, onWait: () => undefined }),
    fetch: (...given) => waitsFor(next(() => globalThis.fetch(...given))),
  };
};
