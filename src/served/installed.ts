import type { OnGesture } from '../adapters/slack/inbox.ts';
import type { Tenant, Tenants } from '../adapters/slack/tenants.ts';
import { type TokenKeeper, tokenKeeper } from '../adapters/slack/token-keeper.ts';
import { sealedTokens, tokenRenewal, tokensIn } from '../adapters/slack/tokens.ts';
import { slackWebBy } from '../adapters/slack/web.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Sealing, sealing } from '../adapters/system/sealing.ts';
import type { Config } from '../config.ts';
import type { Installation } from '../domain/installation.ts';
import type { Log, Store } from '../ports.ts';
import { installationOf, pagesFor } from './install-pages.ts';
import { type Served, type ServedParts, sendingWords, serveOne } from './one.ts';
import type { Workspaces } from './workspaces.ts';

type Installs = NonNullable<Config['slack']['installs']>;

/** One of those that are served. */
type Open = { readonly served: Served; readonly keeper: TokenKeeper; readonly onGesture: OnGesture };

/** How soon a replica serves whom another one installed. */
const lookEveryMs = 20_000;

/** Each look begins after it was asked for, so that it sees what was written before. */
const oneByOne = (look: () => Promise<void>, log: Log) => {
  let last: Promise<void> = Promise.resolve();
  return (): Promise<void> => {
    last = last
      .then(look)
      .catch((error: unknown) => log('warn', 'it is not known which workspaces have installed the app', { error }));
    return last;
  };
};

type Say = (about: string, event: string, fields: Readonly<Record<string, unknown>>) => void;

/** Says the same thing once, and again when it is something else. */
const saidOnce = (log: Log): Say => {
  const said = new Map<string, string>();
  return (about, event, fields) => {
    const now = JSON.stringify([event, fields]);
    if (said.get(about) !== now) log('warn', event, fields);
    said.set(about, now);
  };
};

type Hearing = (served: Served) => OnGesture;

/** Begins to serve a workspace; null where its tokens do not open. */
const opening = (installs: Installs, parts: ServedParts, sealer: Sealing) => {
  const { config, store, transport, log } = parts;
  const way = { apiUrl: config.slack.apiUrl, fetch: transport.fetch };
  const renew = tokenRenewal(installs, way, systemClock);
  return async (installation: Installation, hearing: Hearing): Promise<Open | null> => {
    const { teamId: team, teamName: name, expiresAtMs } = installation;
    const read = tokensIn(sealer, installation);
    if (read === null) return null;
    // Once everything is sealed by the first key, the others may go.
    const sealed = read.isByOldKey ? sealedTokens(sealer, team, read.tokens) : installation.sealed;
    const isKept = !read.isByOldKey || (await store.installations.replace(installation, { sealed, expiresAtMs }));
    const named: Log = (level, event, fields) => log(level, event, { team, ...fields });
    const { installations } = store;
    const keeper = tokenKeeper(
      { installations, sealer, renew, clock: systemClock, log: named },
      { installation: isKept ? { ...installation, sealed } : installation, tokens: read.tokens },
    );
    const channel = installs.workspaces.find((rule) => rule.team === team)?.channel ?? config.slack.channel;
    const served = serveOne({ ...parts, log: named }, { workspace: team, web: slackWebBy(way, keeper.token), channel });
    served.sender.start();
    log('info', 'a workspace is served', { team, name });
    return { served, keeper, onGesture: hearing(served) };
  };
};

/** What waits for workspaces that are not served, said when it is more or less than before. */
const sayWaiting = async (installs: Installs, open: ReadonlyMap<string, Open>, store: Store, say: Say): Promise<void> => {
  for (const { team } of installs.workspaces.filter((rule) => !open.has(rule.team))) {
    const { count } = await store.outbox.waiting(team);
    if (count > 0) say(`waiting ${team}`, 'messages wait for a workspace that is not served', { team, count });
  }
};

const otherKey = 'the tokens of a workspace were encrypted with another key than SLACK_TOKENS_KEY holds';

/** Opens and closes workspaces as they stand in the store: what another replica installed or removed is seen within `lookEveryMs`. */
const register = (installs: Installs, parts: ServedParts, sealer: Sealing) => {
  const { store, log } = parts;
  const begin = opening(installs, parts, sealer);
  const open = new Map<string, Open>();
  const endings = new Set<Promise<void>>();
  const say = saidOnce(log);
  let hearing: Hearing | null = null;

  /** What is on its way arrives meanwhile; nobody waits for it. */
  const end = (team: string, { served }: Open): void => {
    open.delete(team);
    const ending = served.sender.stop().catch((error: unknown) => log('warn', 'a sender did not stop cleanly', { team, error }));
    endings.add(ending);
    void ending.then(() => endings.delete(ending));
  };

  const take = async (installation: Installation): Promise<void> => {
    const { teamId: team } = installation;
    const known = open.get(team);
    if (known !== undefined) {
      known.keeper.seen(installation);
      // Renewed also where nothing is posted for hours.
      void known.keeper.token();
    } else if (hearing !== null) {
      const one = await begin(installation, hearing);
      if (one === null) say(team, otherKey, { team });
      else open.set(team, one);
      // Stopped meanwhile.
      if (one !== null && hearing === null) end(team, one);
    }
  };

  const look = async (): Promise<void> => {
    const standing = (await store.installations.all()).filter(({ teamId }) => installs.teams.includes(teamId));
    for (const [team, one] of open) {
      const { installedAtMs } = one.keeper.installation();
      const isSame = standing.some((other) => other.teamId === team && other.installedAtMs === installedAtMs);
      if (!isSame) end(team, one);
    }
    for (const installation of standing) await take(installation);
    await sayWaiting(installs, open, store, say);
  };

  return {
    open,
    look: oneByOne(look, log),
    hearBy: (next: Hearing): void => {
      hearing = next;
    },
    stop: async (): Promise<void> => {
      hearing = null;
      for (const [team, one] of open) end(team, one);
      await Promise.all(endings);
    },
  };
};

type Register = ReturnType<typeof register>;

const tenantsOf = (installs: Installs, { open, look }: Register, { store }: ServedParts): Tenants => {
  const named = (team: string): Tenant | null => {
    const found = open.get(team);
    if (found === undefined) return null;
    const { keeper, served, onGesture } = found;
    const { botId, botUserId, enterpriseId } = keeper.installation();
    return {
      workspace: team,
      teamId: team,
      enterpriseId: enterpriseId ?? '',
      botId,
      botUserId,
      botToken: keeper.token,
      calls: served.calls,
      onGesture,
    };
  };
  const firstOf = (teams: readonly string[]): Tenant | null => teams.map(named).find((tenant) => tenant !== null) ?? null;
  return {
    ready: async () => undefined,
    of: async (teams) => {
      const found = firstOf(teams);
      if (found !== null || !teams.some((team) => installs.teams.includes(team))) return found;
      // Perhaps another replica has installed it a moment ago.
      await look();
      return firstOf(teams);
    },
    named,
    left: async (team) => {
      await store.installations.remove(team);
      await look();
    },
  };
};

/** How sending is in each workspace, and what waits for those that are not there yet. */
const stateOf = async (installs: Installs, { open }: Register, { store }: ServedParts): Promise<string> => {
  const words = installs.teams.map(async (team) => {
    const found = open.get(team);
    if (found !== undefined) return `${found.keeper.installation().teamName} (${team}) ${sendingWords(found.served)}`;
    const count = await store.outbox.waiting(team).then(
      (waiting) => waiting.count,
      () => 0,
    );
    return `${team} is not installed${count > 0 ? `, and ${count} ${count === 1 ? 'message waits' : 'messages wait'}` : ''}`;
  });
  return (await Promise.all(words)).join('; ');
};

/** The workspaces that have installed the app. */
export const installedWorkspaces = (installs: Installs, parts: ServedParts): Workspaces => {
  const { store, log } = parts;
  const sealer = sealing(installs.tokensKeys);
  const registered = register(installs, parts, sealer);
  const ending = new AbortController();
  const loop = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await systemClock.sleep(lookEveryMs, ending.signal);
      if (!ending.signal.aborted) await registered.look();
    }
  };
  return {
    beside: pagesFor(installs, parts, async (grant) => {
      await store.installations.keep(installationOf(sealer, grant, systemClock));
      log('info', 'a workspace has installed the app', { team: grant.teamId, name: grant.teamName, by: grant.by });
      await registered.look();
    }),
    start: async (hearing) => {
      registered.hearBy(hearing);
      await registered.look();
      void loop();
      return tenantsOf(installs, registered, parts);
    },
    wake: () => {
      for (const { served } of registered.open.values()) served.sender.wake();
    },
    addressesOf: (team) => registered.open.get(team)?.served ?? null,
    state: () => stateOf(installs, registered, parts),
    stop: async (): Promise<void> => {
      ending.abort();
      await registered.stop();
    },
  };
};
