import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tokenKeeper } from '../../../src/adapters/slack/token-keeper.ts';
import { type Renewed, sealedTokens, tokensIn } from '../../../src/adapters/slack/tokens.ts';
import { sealing } from '../../../src/adapters/system/sealing.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import type { Installation } from '../../../src/domain/installation.ts';
import type { Clock, Installations } from '../../../src/ports.ts';

const hour = 3_600_000;
const startMs = 1_795_504_520_000;
const sealer = sealing([randomBytes(32)]);

const installation: Installation = {
  teamId: 'T1',
  enterpriseId: null,
  teamName: 'Acme',
  botId: 'B1',
  botUserId: 'U1',
  sealed: sealedTokens(sealer, 'T1', { token: 'first', refreshToken: 'refresh-1' }),
  expiresAtMs: startMs + 12 * hour,
  installedAtMs: startMs,
  installedBy: 'U2',
};

/** One row as the store keeps it, and a Slack whose refresh tokens serve once, on one clock that stands where a test puts it. */
const stage = () => {
  const now = { ms: startMs };
  const row: { standing: Installation | null; leasedUntilMs: number; isAway: boolean } = {
    standing: installation,
    leasedUntilMs: 0,
    isAway: false,
  };
  const installations: Pick<Installations, 'lease' | 'find' | 'replace'> = {
    lease: async (_team, nowMs, leaseMs) => {
      if (row.standing === null || row.leasedUntilMs > nowMs) return null;
      row.leasedUntilMs = nowMs + leaseMs;
      return row.standing;
    },
    find: async () => row.standing,
    replace: async (old, next) => {
      if (row.isAway) throw new SourceError('store', 'unreachable', 'cannot be reached');
      if (row.standing?.sealed !== old.sealed) return false;
      row.standing = { ...row.standing, ...next };
      row.leasedUntilMs = 0;
      return true;
    },
  };
  const spent: string[] = [];
  const slack: { failure: SourceError | null } = { failure: null };
  const renew = async (refreshToken: string): Promise<Renewed> => {
    if (slack.failure !== null) throw slack.failure;
    spent.push(refreshToken);
    const next = spent.length + 1;
    return {
      tokens: { token: `token-${next}`, refreshToken: `refresh-${next}` },
      expiresAtMs: now.ms + 12 * hour,
    };
  };
  const clock: Clock = { nowMs: () => now.ms, sleep: async () => undefined };
  const lines: string[] = [];
  const log = (level: string, event: string, fields?: object) => void lines.push(`${level} ${event} ${JSON.stringify(fields)}`);
  const tokens = tokensIn(sealer, installation)?.tokens ?? { token: '', refreshToken: null };
  /** A replica: each has a keeper of its own over the one row. */
  const replica = () => tokenKeeper({ installations, sealer, renew, clock, log }, { installation, tokens });
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return { now, row, slack, spent, lines, replica, settled };
};

describe('the token of a workspace', () => {
  it('is what it was for ten hours, then renewed once, and used meanwhile', async () => {
    const { now, spent, replica, settled, row } = stage();
    const { token } = replica();
    now.ms += 10 * hour;
    expect([await token(), spent]).toEqual(['first', []]);
    now.ms += 1;
    expect(await Promise.all([token(), token(), token()])).toEqual(['first', 'first', 'first']);
    await settled();
    expect([await token(), spent]).toEqual(['token-2', ['refresh-1']]);
    expect(row.standing?.expiresAtMs).toBe(now.ms + 12 * hour);
    now.ms += 10 * hour + 1;
    await token();
    await settled();
    expect([await token(), spent]).toEqual(['token-3', ['refresh-1', 'refresh-2']]);
  });

  it('is waited for only when it is over', async () => {
    const { now, replica } = stage();
    const { token } = replica();
    now.ms += 12 * hour;
    expect(await token()).toBe('token-2');
  });

  it('is renewed by one of two replicas, and the other takes what that one wrote', async () => {
    const { now, spent, replica, settled } = stage();
    const [one, two] = [replica(), replica()];
    now.ms += 11 * hour;
    await Promise.all([one.token(), two.token()]);
    await settled();
    now.ms += 60_000;
    await Promise.all([one.token(), two.token()]);
    await settled();
    expect(await Promise.all([one.token(), two.token()])).toEqual(['token-2', 'token-2']);
    expect(spent).toEqual(['refresh-1']);
  });

  it('goes on while it lives when Slack gives no other, and is tried again a minute later', async () => {
    const { now, slack, spent, lines, replica, settled } = stage();
    const { token } = replica();
    slack.failure = new SourceError('Slack', 'unreachable', 'gave no new token (ECONNREFUSED)');
    now.ms += 11 * hour;
    expect(await token()).toBe('first');
    await settled();
    expect(lines).toEqual([expect.stringMatching(/^warn the token of a workspace could not be renewed; the old one is used/)]);
    now.ms += 30_000;
    expect([await token(), lines.length]).toEqual(['first', 1]);
    slack.failure = null;
    now.ms += 30_000;
    await token();
    await settled();
    expect([await token(), spent]).toEqual(['token-2', ['refresh-1']]);
  });

  it('that Slack will never renew is said with what to do', async () => {
    const { now, slack, lines, replica, settled } = stage();
    slack.failure = new SourceError('Slack', 'refused', 'gave no new token (invalid_refresh_token)');
    now.ms += 11 * hour;
    expect(await replica().token()).toBe('first');
    await settled();
    expect(lines).toEqual([expect.stringMatching(/^error .*install the app again/)]);
  });

  it('is not lost when the store is away just then: it is used, and written down at the next look', async () => {
    const { now, row, spent, replica, settled } = stage();
    const keeper = replica();
    row.isAway = true;
    now.ms += 11 * hour;
    await keeper.token();
    await settled();
    expect(await keeper.token()).toBe('token-2');
    row.isAway = false;
    keeper.seen(installation);
    await settled();
    expect(row.standing?.sealed).toBe(keeper.installation().sealed);
    expect([await keeper.token(), spent]).toEqual(['token-2', ['refresh-1']]);
  });

  it('of an installation made anew takes the place of one that is being renewed', async () => {
    const { now, row, replica, settled } = stage();
    const keeper = replica();
    const anew = {
      ...installation,
      sealed: sealedTokens(sealer, 'T1', { token: 'anew', refreshToken: null }),
      expiresAtMs: null,
    };
    now.ms += 11 * hour;
    const asked = keeper.token();
    row.standing = anew;
    await asked;
    await settled();
    expect(await keeper.token()).toBe('anew');
  });
});
