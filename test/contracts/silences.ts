import { describe, expect, it } from 'vitest';
import type { NewSilence } from '../../src/domain/silence.ts';
import type { SilencesSource } from '../../src/ports.ts';

const ask = () => ({ signal: AbortSignal.timeout(5000) });

const wantedFor = (value: string, more: Partial<NewSilence> = {}): NewSilence => ({
  matchers: [
    { name: 'alertname', value },
    { name: 'destination_service_name', value: 'payments' },
  ],
  startsAtMs: Date.now(),
  endsAtMs: Date.now() + 3_600_000,
  createdBy: 'slack:U012ABC',
  comment: 'rollback is under way',
  ...more,
});

/** What every source of silences must do. `source` is asked for when the suite runs, once it has been opened. */
export const silencesContract = (name: string, source: () => SilencesSource): void => {
  describe(`${name}: silences`, () => {
    const found = async (id: string) => (await source().all(ask())).find((silence) => silence.id === id);

    it('are made by equality, and listed with who made them and why', async () => {
      const wanted = wantedFor('Made');
      const id = await source().create(wanted, ask());
      const silence = await found(id);
      expect(silence).toMatchObject({
        id,
        state: 'active',
        endsAtMs: wanted.endsAtMs,
        createdBy: 'slack:U012ABC',
        comment: 'rollback is under way',
      });
      expect(silence?.matchers.toSorted()).toEqual(['alertname="Made"', 'destination_service_name="payments"']);
    });

    it('take a value as it stands, whatever it looks like', async () => {
      const hostile = 'a.*|b"\\{}\n<!channel> é';
      const id = await source().create(wantedFor(hostile, { comment: hostile }), ask());
      const silence = await found(id);
      expect(silence?.comment).toBe(hostile);
      expect(silence?.matchers).toContain(`alertname=${JSON.stringify(hostile)}`);
    });

    it('end when they are ended, and once more is no failure', async () => {
      const id = await source().create(wantedFor('Ended'), ask());
      await source().expire(id, ask());
      const silence = await found(id);
      expect(silence?.state).toBe('expired');
      expect(silence?.endsAtMs).toBeLessThanOrEqual(Date.now() + 1000);
      await source().expire(id, ask());
    });

    it('that nobody knows any more have ended', () =>
      expect(source().expire('00000000-0000-4000-8000-000000000000', ask())).resolves.toBeUndefined());

    it.each(['nope', '..', '../status', '', 'e85027d7-fc99-41a9-886a-a37c5f5eb6e1/../x'])(
      'of the id "%s" are asked of nobody',
      (id) => expect(source().expire(id, ask())).rejects.toMatchObject({ name: 'SourceError', reason: 'refused' }),
    );

    it.each([
      ['that has no matcher', { matchers: [] }, /matchers/],
      ['that matches what is empty', { matchers: [{ name: 'alertname', value: '' }] }, /match the empty string/],
      ['that ended yesterday', { startsAtMs: Date.now() - 172_800_000, endsAtMs: Date.now() - 86_400_000 }, /past/],
      ['that ends before it begins', { startsAtMs: Date.now() + 60_000, endsAtMs: Date.now() + 1000 }, /before end/],
    ])('one %s is refused, in the words that were said', async (_which, more, said) => {
      const refused = source().create(wantedFor('Refused', more), ask());
      await expect(refused).rejects.toMatchObject({ name: 'SourceError', reason: 'refused', message: said });
    });

    it('that end at no moment of time are refused before anybody is asked', () =>
      expect(source().create(wantedFor('Never', { endsAtMs: Number.NaN }), ask())).rejects.toMatchObject({ reason: 'refused' }));
  });
};
