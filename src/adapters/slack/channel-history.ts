import type { EpochMs } from '../../domain/time.ts';
import type { Clock, Log } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { LookLater } from './classify.ts';
import { type Look, oldestOf, readPage } from './history-page.ts';

/** A root waits no longer than this for a look; then a second one is the smaller evil. */
const rootWaitsMs = 300_000;

type Asked = { readonly channel: string; readonly sinceMs: EpochMs; readonly atMs: EpochMs };

/** Who waits to know, and since when. */
const askers = (nowMs: () => EpochMs) => {
  const asked = new Map<string, Asked>();
  const idOf = ({ key, attempt }: Look): string => `${key} ${attempt}`;
  return {
    since: (look: Look): Asked => {
      // What another replica has settled since is asked for no more.
      for (const [old, { atMs }] of asked) if (nowMs() - atMs > 2 * rootWaitsMs) asked.delete(old);
      const first = asked.get(idOf(look)) ?? { channel: look.channel, sinceMs: look.sinceMs, atMs: nowMs() };
      asked.set(idOf(look), first);
      return first;
    },
    settled: (look: Look): boolean => asked.delete(idOf(look)),
    /** The earliest moment that anybody asks of a channel. */
    earliestIn: (channel: string): EpochMs =>
      Math.min(...[...asked.values()].filter((one) => one.channel === channel).map(({ sinceMs }) => sinceMs)),
  };
};

/** A channel read backwards from when it was begun, page by page. It answers for everything that was sent before that. */
type Scan = {
  readonly begunMs: EpochMs;
  readonly sinceMs: EpochMs;
  /** Empty before the first page. */
  readonly cursor: string;
  readonly isWhole: boolean;
  readonly found: ReadonlyMap<string, string>;
};

/** The last scan of each channel; who wants the next page while it is read waits for the same one. */
const scanner = (calls: SlackCalls, nowMs: () => EpochMs, earliestIn: (channel: string) => EpochMs) => {
  const scans = new Map<string, Scan>();
  const reading = new Map<string, Promise<void>>();
  const begun = (channel: string): Scan => ({
    ...{ begunMs: nowMs(), sinceMs: earliestIn(channel), cursor: '' },
    ...{ isWhole: false, found: new Map() },
  });
  const readOn = async (channel: string): Promise<void> => {
    const before = scans.get(channel);
    // One that nobody has read on for so long nobody waits for.
    const goesOn = before !== undefined && !before.isWhole && nowMs() - before.begunMs < 2 * rootWaitsMs;
    const scan = goesOn ? before : begun(channel);
    scans.delete(channel);
    try {
      const { cursor } = scan;
      const page = await readPage(calls, 'conversations.history', { channel, oldest: oldestOf(scan.sinceMs), cursor });
      const found = new Map([...scan.found, ...page.found]);
      scans.set(channel, { ...scan, cursor: page.next, isWhole: page.next === '', found });
    } catch (error) {
      if (error instanceof LookLater && goesOn) scans.set(channel, scan);
      throw error;
    }
  };
  return {
    last: (channel: string): Scan | undefined => scans.get(channel),
    readOn: (channel: string): Promise<void> => {
      const read = reading.get(channel) ?? readOn(channel).finally(() => reading.delete(channel));
      reading.set(channel, read);
      return read;
    },
  };
};

/** What a scan says of a message; undefined: nothing yet. */
const answerIn = (scan: Scan | undefined, { key, sinceMs }: Look, { atMs }: Asked): string | null | undefined => {
  const ts = scan?.found.get(key);
  if (ts !== undefined) return ts;
  return scan?.isWhole && scan.begunMs >= atMs && scan.sinceMs <= sinceMs ? null : undefined;
};

const unlooked =
  'a message is sent without having been looked for, and may stand twice: Slack lets the history be read too rarely';

/**
 * The messages at the top of channels, each page read once for all that wait to know. Gives where the message stands; null where it does
 * not, or where Slack did not let anybody look for five minutes. Throws `LookLater` before that.
 */
export const channelHistory = (calls: SlackCalls, { nowMs }: Pick<Clock, 'nowMs'>, log: Log) => {
  const asked = askers(nowMs);
  const scans = scanner(calls, nowMs, asked.earliestIn);
  const search = async (look: Look, first: Asked): Promise<string | null> => {
    for (;;) {
      const known = answerIn(scans.last(look.channel), look, first);
      if (known !== undefined) return known;
      try {
        await scans.readOn(look.channel);
      } catch (error) {
        if (!(error instanceof LookLater)) throw error;
        const leftMs = first.atMs + rootWaitsMs - nowMs();
        if (leftMs > 0) throw new LookLater(Math.min(error.waitMs, leftMs));
        log('warn', unlooked, { key: look.key });
        return null;
      }
    }
  };
  return async (look: Look): Promise<string | null> => {
    const ts = await search(look, asked.since(look));
    asked.settled(look);
    return ts;
  };
};
