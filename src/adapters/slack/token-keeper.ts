import { SourceError } from '../../domain/gathered.ts';
import type { Installation } from '../../domain/installation.ts';
import { tokenNeed } from '../../domain/token-life.ts';
import type { Clock, Installations, Log } from '../../ports.ts';
import type { Sealing } from '../system/sealing.ts';
import { type Renewed, sealedTokens, type Tokens, tokensIn } from './tokens.ts';

type KeeperOptions = {
  readonly installations: Pick<Installations, 'lease' | 'find' | 'replace'>;
  readonly sealer: Sealing;
  readonly renew: (refreshToken: string) => Promise<Renewed>;
  readonly clock: Clock;
  readonly log: Log;
};

type Held = { readonly installation: Installation; readonly tokens: Tokens };

/** Longer than a call may take: who leases and dies holds up the others no longer. */
const leaseMs = 30_000;

/** What we hold of one workspace; newer than what stands in the store while that could not be written. */
const holding = (sealer: Sealing, first: Held) => {
  let held = first;
  /** Whose refresh token we have spent. */
  let spent: Installation | null = null;
  return {
    now: (): Held => held,
    isSpent: ({ sealed }: Installation): boolean => spent?.sealed === sealed,
    /** What stands in the store, by another replica. Whether it is news. */
    adopt: (installation: Installation): boolean => {
      const isKnown = [held.installation.sealed, spent?.sealed].includes(installation.sealed);
      const read = isKnown ? null : tokensIn(sealer, installation);
      if (read === null) return false;
      held = { installation, tokens: read.tokens };
      spent = null;
      return true;
    },
    renewed: ({ tokens, expiresAtMs }: Renewed): void => {
      spent = held.installation;
      const sealed = sealedTokens(sealer, spent.teamId, tokens);
      held = { installation: { ...spent, sealed, expiresAtMs }, tokens };
    },
    written: (): void => {
      spent = null;
    },
  };
};

type Holding = ReturnType<typeof holding>;

/** Writes down what we hold in place of what was spent for it. */
const write = async ({ installations }: KeeperOptions, { now, adopt, written }: Holding, old: Installation): Promise<void> => {
  const { teamId, sealed, expiresAtMs } = now().installation;
  if (await installations.replace(old, { sealed, expiresAtMs })) written();
  const standing = await installations.find(teamId);
  if (standing !== null) adopt(standing);
};

/** Renews it, unless another replica does, or has done so by now. */
const attempt = async (options: KeeperOptions, held: Holding): Promise<void> => {
  const { installations, renew, clock, log } = options;
  const { teamId } = held.now().installation;
  const leased = await installations.lease(teamId, clock.nowMs(), leaseMs);
  const standing = leased ?? (await installations.find(teamId));
  if (standing !== null) held.adopt(standing);
  const { installation, tokens } = held.now();
  const need = tokenNeed({ expiresAtMs: installation.expiresAtMs, triedAtMs: null }, clock.nowMs());
  // One that another replica sealed with a key of its own is not ours to spend.
  if (leased?.sealed !== installation.sealed || tokens.refreshToken === null || need === 'none') return;
  held.renewed(await renew(tokens.refreshToken));
  log('info', 'the token of a workspace was renewed', { team: teamId });
  await write(options, held, installation);
};

/**
 * The token of one workspace, renewed in time whoever asks: people who click, and alerts that nothing incoming goes with. One replica
 * renews at a time, under a lease of the row. A renewal that fails is a warning, and the old token goes on while it lives.
 */
export const tokenKeeper = (options: KeeperOptions, first: Held) => {
  const { sealer, clock, log } = options;
  const held = holding(sealer, first);
  let triedAtMs: number | null = null;
  let renewing: Promise<void> | null = null;

  const failed = (error: unknown): void => {
    const isForGood = error instanceof SourceError && error.source === 'Slack' && error.reason === 'refused';
    log(isForGood ? 'error' : 'warn', 'the token of a workspace could not be renewed; the old one is used while it lives', {
      team: first.installation.teamId,
      error,
      ...(isForGood ? { advice: 'install the app again' } : {}),
    });
  };

  const once = (work: () => Promise<void>): Promise<void> => {
    renewing ??= work()
      .catch(failed)
      .finally(() => {
        renewing = null;
      });
    return renewing;
  };

  return {
    /** What a look into the store found. What could not be written down before is written now. */
    seen: (installation: Installation): void => {
      if (renewing !== null) return;
      if (held.isSpent(installation)) void once(() => write(options, held, installation));
      else if (held.adopt(installation)) triedAtMs = null;
    },
    installation: (): Installation => held.now().installation,
    /** The token of now. Only one that is over is waited for. */
    token: async (): Promise<string> => {
      const { installation, tokens } = held.now();
      const { expiresAtMs } = installation;
      const need = tokens.refreshToken === null ? 'none' : tokenNeed({ expiresAtMs, triedAtMs }, clock.nowMs());
      if (need !== 'none' && renewing === null) triedAtMs = clock.nowMs();
      const work = need === 'none' ? renewing : once(() => attempt(options, held));
      if (expiresAtMs !== null && expiresAtMs <= clock.nowMs()) await work;
      return held.now().tokens.token;
    },
  };
};

export type TokenKeeper = ReturnType<typeof tokenKeeper>;
