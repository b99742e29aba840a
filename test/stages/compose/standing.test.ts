import { describe, expect, it } from 'vitest';
import { root } from '../../../src/stages/compose/root.ts';
import type { Setting, Standing } from '../../../src/stages/compose/setting.ts';
import { recounted, restood } from '../../../src/stages/compose/standing.ts';
import { alertWith, edgeNamed, nowMs, reportOf, setting, standing } from '../../support/report.ts';

type Shown = {
  readonly block_id?: string;
  readonly elements?: readonly { readonly text?: { readonly text?: string } | string }[];
};
const report = reportOf(edgeNamed(), [alertWith()]);
const blockOf = (message: { readonly blocks: readonly object[] }, id: string) =>
  (message.blocks as readonly Shown[]).find(({ block_id: one }) => one === id);
const buttonsOf = (message: { readonly blocks: readonly object[] }): readonly string[] =>
  (blockOf(message, 'actions')?.elements ?? []).map(({ text }) => (typeof text === 'object' ? (text.text ?? '') : ''));
const aboutOf = (message: { readonly blocks: readonly object[] }): readonly unknown[] =>
  (blockOf(message, 'about')?.elements ?? []).map(({ text }) => text);

const silenced: Standing = {
  ...standing,
  silences: [{ by: 'U0ADA', atMs: nowMs, id: 's1', endsAtMs: nowMs + 3_600_000, comment: 'deploy <!here>' }],
};
const acknowledged: Standing = { ...standing, acknowledged: { by: 'U0ADA', atMs: nowMs } };
const all: Setting = { ...setting, buttons: ['acknowledge', 'silence', 'drill', 'refresh', 'feedback'] };

describe('a root', () => {
  it('has buttons for what somebody answers, and none where nobody listens', () => {
    expect(buttonsOf(root(report, all, standing))).toEqual(['Acknowledge', 'Silence…', 'Drill down…', 'Refresh']);
    expect(buttonsOf(root(report, all, acknowledged))).toEqual(['Unacknowledge', 'Silence…', 'Drill down…', 'Refresh']);
    expect(buttonsOf(root(report, all, silenced))).toContain('Unsilence');
    expect(buttonsOf(root(report, { ...setting, buttons: [] }, standing))).toEqual([]);
  });

  it('leads to the Home with its incident where the Home is known, and has that from the next edit on where it was not yet', () => {
    const known: Setting = { ...all, homeUrl: 'slack://app?team=T1&id=A1&tab=home' };
    const first = root(report, all, standing);
    expect(buttonsOf(first)).not.toContain('Open in Home');
    const edited = restood(first, standing, known);
    expect(edited).toEqual(root(report, known, standing));
    expect(buttonsOf(edited).at(-1)).toBe('Open in Home');
    expect(blockOf(edited, 'actions')?.elements?.at(-1)).toMatchObject({
      action_id: 'home',
      value: 'incident-1',
      url: 'slack://app?team=T1&id=A1&tab=home',
    });
    expect(buttonsOf(root(report, { ...known, buttons: [] }, standing))).toEqual([]);
  });

  it('has none of a question, and none once it is over', () => {
    expect(buttonsOf(root(report, all, { ...standing, incidentId: null }))).toEqual([]);
    expect(buttonsOf(root(report, all, { ...standing, state: 'resolved' }))).toEqual([]);
  });

  it('says who looks after it, and what is silenced until when', () => {
    expect(aboutOf(root(report, all, standing))).toHaveLength(1);
    expect(aboutOf(root(report, all, acknowledged))[1]).toMatch(/^👀 \*Acknowledged\* by <@U0ADA> at <!date\^/);
    expect(aboutOf(root(report, all, silenced))[1]).toMatch(
      /^🔕 \*Silenced\* until <!date\^.* by <@U0ADA>: deploy &lt;!here&gt;$/,
    );
  });

  it('about many names the first callers, and its number of them changes wherever it stands', () => {
    const many = (length: number, well = 0): Standing => {
      const all = Array.from({ length }, (_, n) => `caller-${n}`);
      return { ...standing, callers: { all, affected: all.slice(well) } };
    };
    const first = root(report, all, many(3));
    expect(first.text).toMatch(/^🔴 3 callers → payments: 5\.3 % failing/);
    for (const [length, words] of [
      [4, '4 callers'],
      [999, '999 callers'],
      [1200, '1,200 callers'],
    ] as const) {
      const told = restood(restood(first, many(1100), all), many(length), all);
      expect(told).toEqual(root(report, all, many(length)));
      expect(told.text.startsWith(`🔴 ${words} → payments: `)).toBe(true);
      expect(recounted('🟠 1 caller → payments', many(length))).toBe(`🟠 ${words} → payments`);
    }
    expect(aboutOf(restood(first, many(1200), all))[1]).toMatch(/^\*Callers:\* caller-0, .*, caller-7 and 1,192 more$/);
    expect(recounted('🔴 11 callers → payments', many(11, 4))).toBe('🔴 7 of 11 callers → payments');
    expect(recounted('🔴 7 of 11 callers → payments', many(12, 12))).toBe('🔴 0 of 12 callers → payments');
    expect(recounted('🔴 7 of 11 callers → payments', many(11))).toBe('🔴 11 callers → payments');
    expect(restood(first, many(11, 4), all)).toEqual(root(report, all, many(11, 4)));
    expect(aboutOf(restood(first, many(11, 9), all))[1]).toBe('*Callers:* 2 of 11 still affected: caller-9, caller-10');
    expect(recounted('🔴 3 callers → payments', standing)).toBe('🔴 3 callers → payments');
  });

  it('bears the severity of its incident, whichever alert is measured', () => {
    const quiet = reportOf(edgeNamed(), [alertWith({ severity: 'warning' })]);
    const warned = root(quiet, all, { ...standing, severity: 'warning' });
    const paged = { ...standing, severity: 'page' } as const;
    expect(warned.text).toMatch(/^🟠 /);
    expect(restood(warned, paged, all)).toEqual(root(quiet, all, paged));
    expect(root(quiet, all, paged).text).toMatch(/^🔴 /);
    expect(aboutOf(root(quiet, all, paged))[0]).toMatch(/^\*page\* {2}·/);
  });

  it('is told anew as it stands, and is else what it was', () => {
    const plain = root(report, all, standing);
    for (const now of [acknowledged, silenced, { ...acknowledged, silences: silenced.silences }]) {
      const told = restood(plain, now, all);
      expect(told).toEqual(root(report, all, now));
      expect(restood(told, standing, all)).toEqual(plain);
    }
  });
});
