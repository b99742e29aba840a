import { expect, it } from 'vitest';
import type { Installation } from '../../src/domain/installation.ts';
import type { Store } from '../../src/ports.ts';
import { startMs } from './store-values.ts';

const installationOf = (teamId: string, more: Partial<Installation> = {}): Installation => ({
  teamId,
  enterpriseId: null,
  teamName: 'Acme \u{1f525}',
  botId: 'B012ABC',
  botUserId: 'U0BOT',
  sealed: `sealed-${teamId}`,
  expiresAtMs: startMs + 43_200_000,
  installedAtMs: startMs,
  installedBy: 'U012ABC',
  ...more,
});

/** What every store must do with the workspaces that have installed the app. `opened` gives the store, open when the tests run. */
export const installationsContract = (opened: () => Store): void => {
  const installed = async (teamId: string, more: Partial<Installation> = {}): Promise<Installation> => {
    const installation = installationOf(teamId, more);
    await opened().installations.keep(installation);
    return installation;
  };

  it('keeps one installation a workspace, the last one, and none once it is removed', async () => {
    const { keep, find, all, remove } = opened().installations;
    const first = await installed('T0KEEP1');
    const other = await installed('T0KEEP2', { enterpriseId: 'E012ABC', expiresAtMs: null });
    expect(await find('T0KEEP1')).toEqual(first);
    await keep({ ...first, sealed: 'again', botUserId: 'U0NEW' });
    expect((await all()).filter(({ teamId }) => teamId.startsWith('T0KEEP'))).toEqual([
      { ...first, sealed: 'again', botUserId: 'U0NEW' },
      other,
    ]);
    expect(await remove('T0KEEP1')).toBe(true);
    expect(await remove('T0KEEP1')).toBe(false);
    expect(await find('T0KEEP1')).toBeNull();
    expect(await find('T0KEEP2')).toEqual(other);
  });

  it('leases an installation to one of many that ask at once, until it is replaced or the lease is over', async () => {
    const { lease, replace, find } = opened().installations;
    const installation = await installed('T0LEASE');
    const asked = await Promise.all(Array.from({ length: 6 }, () => lease('T0LEASE', startMs, 30_000)));
    expect(asked.filter((one) => one !== null)).toEqual([installation]);
    expect(await lease('T0LEASE', startMs + 29_999, 30_000)).toBeNull();
    expect(await lease('T0LEASE', startMs + 30_000, 30_000)).toEqual(installation);
    expect(await replace(installation, { sealed: 'renewed', expiresAtMs: startMs + 1 })).toBe(true);
    expect(await find('T0LEASE')).toEqual({ ...installation, sealed: 'renewed', expiresAtMs: startMs + 1 });
    expect((await lease('T0LEASE', startMs + 30_001, 30_000))?.sealed).toBe('renewed');
    expect(await lease('T0NOBODY', startMs, 30_000)).toBeNull();
  });

  it('replaces no tokens that somebody else has replaced, installed anew or removed meanwhile', async () => {
    const { lease, replace, keep, remove, find } = opened().installations;
    const installation = await installed('T0FENCE');
    await lease('T0FENCE', startMs, 30_000);
    await keep({ ...installation, sealed: 'installed anew' });
    expect(await replace(installation, { sealed: 'late', expiresAtMs: null })).toBe(false);
    expect((await find('T0FENCE'))?.sealed).toBe('installed anew');
    expect(await lease('T0FENCE', startMs, 30_000)).not.toBeNull();
    await remove('T0FENCE');
    expect(await replace({ ...installation, sealed: 'installed anew' }, { sealed: 'late', expiresAtMs: null })).toBe(false);
    expect(await find('T0FENCE')).toBeNull();
  });
};
