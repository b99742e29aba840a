import type { Person, Screen, View } from '../domain/gesture.ts';
import type { Message } from '../domain/message.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../ports.ts';

/** For so long a Home that was opened is looked at, and the incident that somebody came from is what they want to see. */
const lookedForMs = 600_000;
/** What came of a click is read by then. */
const toldForMs = 60_000;
const mostReaders = 20;
const mostLooks = 300;

/** What came of a click in the Home, and of which incident. */
export type Told = { readonly message: Message; readonly incidentId: string };

/** A Home as it is shown, and what it shows: the same `state` is no news. */
export type ShownHome = { readonly view: View; readonly state: string };

/** Who has the Home open, and what stands there. */
type HomeReader = {
  readonly person: Person;
  readonly publish: Screen['publish'];
  readonly openedAtMs: EpochMs;
  readonly shownAtMs: EpochMs;
  readonly told: Told | null;
  readonly state: string;
};

const withoutOldest = <T>(map: Map<string, T>, most: number): void => {
  for (const key of map.keys()) if (map.size > most) map.delete(key);
};

/** Sets it as the newest. */
const put = <T>(map: Map<string, T>, key: string, value: T, most: number): void => {
  map.delete(key);
  map.set(key, value);
  withoutOldest(map, most);
};

/** One thing after the other for each person: of two Homes the one that was composed last has to be the one that stays. */
const turns = () => {
  const waiting = new Map<string, Promise<unknown>>();
  return <T>(userId: string, work: () => Promise<T>): Promise<T> => {
    const mine = (waiting.get(userId) ?? Promise.resolve()).then(work, work);
    waiting.set(userId, mine);
    const leave = (): void => {
      if (waiting.get(userId) === mine) waiting.delete(userId);
    };
    mine.then(leave, leave);
    return mine;
  };
};

/**
 * Who looks at the Home, and which incident each of them came from. In memory: after a restart, or in another replica, the Home is
 * shown anew when it is opened again.
 */
export const openHomes = (clock: Pick<Clock, 'nowMs'>) => {
  const readers = new Map<string, HomeReader>();
  const looks = new Map<string, { readonly incidentId: string; readonly atMs: EpochMs }>();
  const inTurn = turns();
  const isRecent = (atMs: EpochMs): boolean => clock.nowMs() - atMs < lookedForMs;
  const publish = async (reader: Pick<HomeReader, 'person' | 'publish' | 'told' | 'openedAtMs'>, home: ShownHome) => {
    const { userId } = reader.person;
    try {
      await reader.publish(home.view);
    } catch (error) {
      // Whoever has no Home, or none any more, is not shown it again.
      readers.delete(userId);
      throw error;
    }
    put(readers, userId, { ...reader, state: home.state, shownAtMs: clock.nowMs() }, mostReaders);
  };
  return {
    /** A person did something to an incident, or came from its message: their Home has it first for a while. */
    lookAt: (userId: string, incidentId: string): void => put(looks, userId, { incidentId, atMs: clock.nowMs() }, mostLooks),
    lookAway: (userId: string): void => void looks.delete(userId),
    inFront: (userId: string): string | null => {
      const look = looks.get(userId);
      return look !== undefined && isRecent(look.atMs) ? look.incidentId : null;
    },
    /** Shows the Home to who opened it, or clicked in it. Throws as `publish` does. */
    show: (
      person: Person,
      { publish: on }: Pick<Screen, 'publish'>,
      told: Told | null,
      compose: () => Promise<ShownHome>,
    ): Promise<void> =>
      inTurn(person.userId, async () => publish({ person, publish: on, told, openedAtMs: clock.nowMs() }, await compose())),
    /** Who may have it open still; the rest is forgotten. */
    readers: (): readonly Person[] => {
      for (const [userId, { openedAtMs }] of readers) if (!isRecent(openedAtMs)) readers.delete(userId);
      return [...readers.values()].map(({ person }) => person);
    },
    /** Shows the Home of a reader anew where it is not what they see. Throws as `publish` does. */
    renew: (userId: string, compose: (told: Told | null) => Promise<ShownHome>): Promise<void> =>
      inTurn(userId, async () => {
        const reader = readers.get(userId);
        if (reader === undefined) return;
        const told = clock.nowMs() - reader.shownAtMs < toldForMs ? reader.told : null;
        const home = await compose(told);
        if (home.state !== reader.state) await publish({ ...reader, told }, home);
      }),
  };
};

export type Homes = ReturnType<typeof openHomes>;
