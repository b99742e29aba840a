import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormValues, View } from '../../../src/domain/gesture.ts';
import { hiddenBy, type NewSilence, type ProposedMatcher, silenceProblems } from '../../../src/domain/silence.ts';
import { allowedText } from '../../../src/stages/compose/people.ts';
import {
  type SilencePreview,
  silenceCallback,
  silencedNote,
  silenceEndedNote,
  silenceForm,
  silencePreview,
  silencePreviewAction,
} from '../../../src/stages/compose/silence.ts';
import { filledSilence, silenceFormProblems } from '../../../src/stages/compose/silence-values.ts';
import { blockProblems } from '../../../src/workspace/block-rules.ts';
import { alertWith, nowMs } from '../../support/report.ts';

const noFiles = () => 'missing' as const;

type Json = Readonly<Record<string, unknown>>;
type Option = {
  readonly text: { readonly text: string };
  readonly description?: { readonly text: string };
  readonly value: string;
};

const offered: readonly ProposedMatcher[] = [
  { name: 'alertname', value: 'EdgeErrorRatioHigh', isChosen: true },
  { name: 'destination_service_name', value: 'payments', isChosen: true },
  { name: 'severity', value: 'page', isChosen: false },
];
const wanted: NewSilence = {
  matchers: offered.slice(0, 2).map(({ name, value }) => ({ name, value })),
  startsAtMs: nowMs,
  endsAtMs: nowMs + 3_600_000,
  createdBy: 'slack:U012ABC',
  comment: 'rollback is under way',
};
const living = [
  { fingerprint: 'f1', labels: alertWith({ alertname: 'EdgeErrorRatioHigh', destination_service_name: 'payments' }).labels },
  { fingerprint: 'f2', labels: alertWith({ alertname: 'EdgeErrorRatioHigh', destination_service_name: 'payments' }).labels },
].map((alert, index) => ({ ...alert, isSilenced: index === 1 }));
const hidden = hiddenBy(wanted.matchers, living);
const preview: SilencePreview = { wanted, problems: [], hidden, own: ['f1', 'f2'], timeZone: 'UTC' };
const parts = { title: 'checkout → payments', cluster: 'prod', offered, mostSeconds: 14_400, context: '{"id":"i-1"}', preview };

const inputOf = (view: View, block: string): Json =>
  (view.blocks.find(({ block_id }) => block_id === block)?.['element'] ?? {}) as Json;
const optionsOf = (view: View, block = 'matchers'): readonly Option[] => inputOf(view, block)['options'] as readonly Option[];
const valuesOf = (view: View, more: FormValues = {}): FormValues => ({
  matchers: ((inputOf(view, 'matchers')['initial_options'] ?? []) as readonly Option[]).map(({ value }) => value),
  duration: (inputOf(view, 'duration')['initial_option'] as Option).value,
  'duration-own': null,
  comment: 'rollback is under way',
  ...more,
});
const filled = (values: FormValues, of: readonly ProposedMatcher[] = offered) =>
  filledSilence(values, of, { userId: 'U012ABC', nowMs });
const textOf = (block: Json): string => (block['text'] as { text: string }).text;

/** What docs.slack.dev/reference/block-kit allows of a modal's inputs; sections are for the workspace's own rules. */
const formProblems = ({ title = '', submit = '', close = '', context = '', blocks }: View): readonly string[] => {
  const inputs = blocks.filter(({ type }) => type === 'input') as readonly Json[];
  const others = blocks.filter(({ type }) => type !== 'input');
  const ids = blocks.flatMap(({ block_id }) => (block_id === undefined ? [] : [block_id]));
  const optionProblems = inputs.flatMap((input) => {
    const element = input['element'] as Json;
    const options = (element['options'] ?? []) as readonly Option[];
    const initial = [element['initial_options'] ?? [], element['initial_option'] ?? []].flat() as unknown as readonly Option[];
    return [
      ...options.flatMap(({ text, description, value }) =>
        [text.text, description?.text ?? 'x', value].every(({ length }) => length >= 1 && length <= 75)
          ? []
          : [`option ${value}`],
      ),
      ...(new Set(options.map(({ value }) => value)).size === options.length ? [] : ['two options of one value']),
      ...(initial.every((one) => options.some((option) => JSON.stringify(option) === JSON.stringify(one)))
        ? []
        : ['initial option']),
      ...(element['type'] === 'checkboxes' && (options.length < 1 || options.length > 10) ? ['checkboxes'] : []),
      ...('initial_options' in element && initial.length === 0 ? ['no initial option'] : []),
    ];
  });
  return [
    ...[title, submit, close].filter(({ length }) => length > 24),
    ...(context.length > 3000 ? ['context'] : []),
    ...(new Set(ids).size === ids.length ? [] : ['block ids']),
    ...optionProblems,
    ...blockProblems(others, noFiles).map(({ pointer, problem }) => `${pointer} ${problem}`),
  ];
};

describe('the form of a silence', () => {
  const view = silenceForm(parts);

  it('names what it is about, and has the labels of rule and edge chosen', () => {
    expect(view).toMatchObject({ type: 'modal', callback: silenceCallback, context: '{"id":"i-1"}', submit: 'Silence' });
    expect(textOf(view.blocks[0] ?? {})).toBe('Silence alerts of *checkout → payments* in prod');
    expect(optionsOf(view).map(({ text }) => text.text)).toEqual([
      'alertname = EdgeErrorRatioHigh',
      'destination_service_name = payments',
      'severity = page',
    ]);
    expect(inputOf(view, 'matchers')['initial_options']).toEqual(optionsOf(view).slice(0, 2));
    expect(formProblems(view)).toEqual([]);
  });

  it('asks to be drawn again when labels or duration change, under ids that stay', () => {
    const asking = view.blocks.filter((block) => block['dispatch_action'] === true).map(({ block_id }) => block_id);
    expect(asking).toEqual(['matchers', 'duration', 'duration-own']);
    for (const block of asking) expect(inputOf(view, String(block))['action_id']).toBe(silencePreviewAction);
    expect(view.blocks.map(({ block_id }) => block_id)).toEqual([
      ...[undefined, 'matchers', 'duration', 'duration-own', 'comment', 'preview'],
    ]);
  });

  it.each([
    [14_400, ['30m', '1h', '2h', '4h'], '1h'],
    [604_800, ['30m', '1h', '2h', '4h'], '1h'],
    [3600, ['30m', '1h'], '1h'],
    [1800, ['30m'], '30m'],
    [600, ['10m'], '10m'],
  ])('offers no longer than what is allowed: %i s', (mostSeconds, texts, first) => {
    const limited = silenceForm({ ...parts, mostSeconds });
    expect(optionsOf(limited, 'duration').map(({ value }) => value)).toEqual(texts);
    expect(inputOf(limited, 'duration')['initial_option']).toMatchObject({ value: first });
    expect(formProblems(limited)).toEqual([]);
  });

  it('says so where the alerts share nothing, and has nothing to submit', () => {
    const empty = silenceForm({ ...parts, offered: [] });
    expect(empty.submit).toBeUndefined();
    expect(JSON.stringify(empty.blocks)).toContain('share no label');
    expect(formProblems(empty)).toEqual([]);
  });

  it('has room for ten labels, and says how many it leaves out', () => {
    const many = Array.from({ length: 14 }, (_, index) => ({ name: `l${index}`, value: 'x', isChosen: index < 8 }));
    const full = silenceForm({ ...parts, offered: many });
    expect(optionsOf(full)).toHaveLength(10);
    expect(JSON.stringify(full.blocks)).toContain('4 more labels');
    expect(formProblems(full)).toEqual([]);
  });

  it('shows long values by both their ends, and takes them whole', () => {
    const host = `outbound|8080||${'very-'.repeat(30)}long.shop.svc.cluster.local`;
    const long = [{ name: 'envoy_cluster_name', value: host, isChosen: true }];
    const form = silenceForm({ ...parts, offered: long });
    expect(optionsOf(form)[0]).toMatchObject({
      text: { text: 'envoy_cluster_name' },
      description: { text: expect.stringMatching(/^outbound\|8080.*….*svc\.cluster\.local$/) },
    });
    expect(filled(valuesOf(form), long).wanted.matchers).toEqual([{ name: 'envoy_cluster_name', value: host }]);
    expect(formProblems(form)).toEqual([]);
  });

  it('is within the limits of Slack, and comes back as what was chosen, whatever the labels are', () => {
    const text = fc.oneof(
      fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
      fc.constantFrom('<!channel>', '__proto__', '\u0000'),
    );
    const matcher = fc.record({ name: text, value: text, isChosen: fc.boolean() });
    const some = fc.uniqueArray(matcher, { minLength: 1, maxLength: 10, selector: ({ name }) => name });
    fc.assert(
      fc.property(some, (matchers) => {
        const form = silenceForm({ ...parts, offered: matchers });
        expect(formProblems(form)).toEqual([]);
        const back = filled(valuesOf(form), matchers);
        expect(back.isStale).toBe(false);
        expect(back.wanted.matchers).toEqual(
          matchers.filter(({ isChosen }) => isChosen).map(({ name, value }) => ({ name, value })),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('a form that was filled in', () => {
  const values = valuesOf(silenceForm(parts));

  it('is the silence that is wanted, by whom and why', () => {
    expect(filled({ ...values, comment: '  rollback is under way\n' })).toEqual({ wanted, isStale: false });
  });

  it.each([
    ['the own text before the list', { 'duration-own': '90m' }, 5400],
    ['the list where nothing was typed', { 'duration-own': '  ' }, 3600],
    ['no end where it is no duration', { 'duration-own': 'soon' }, Number.NaN],
    ['no end where nothing came back', { duration: null }, Number.NaN],
  ])('takes %s', (_what, more, seconds) => {
    const { endsAtMs } = filled({ ...values, ...more }).wanted;
    expect((endsAtMs - nowMs) / 1000).toBe(seconds);
  });

  it.each([
    ['forged', ['["severity","critical"]']],
    ['of another form', ['#0:00000000', 'alertname']],
    ['an expression', ['["alertname",".*"]']],
  ])('chooses nothing that was not offered: %s', (_what, chosen) => {
    const form = filled({ ...values, matchers: chosen });
    expect(form).toMatchObject({ wanted: { matchers: [] }, isStale: true });
    expect(silenceFormProblems(values, form, [])).toEqual({ matchers: expect.stringContaining('alerts have changed') });
  });

  it('is stale where a long label stands in the place of another', () => {
    const long = (value: string) => [{ name: 'host', value: value.repeat(100), isChosen: true }];
    const before = valuesOf(silenceForm({ ...parts, offered: long('a') }));
    expect(filled(before, long('a')).isStale).toBe(false);
    expect(filled(before, long('b'))).toMatchObject({ wanted: { matchers: [] }, isStale: true });
  });

  it('tells what is wrong under the field where it is', () => {
    const limits = { isAllowed: true, mostSeconds: 14_400 };
    const told = (more: FormValues) => {
      const all = { ...values, ...more };
      const form = filled(all);
      return silenceFormProblems(all, form, silenceProblems(form.wanted, limits));
    };
    expect(told({})).toBeNull();
    expect(told({ 'duration-own': '9h', comment: null })).toEqual({
      'duration-own': 'That is 9h; at most 4h from here.',
      comment: expect.stringContaining('Say why'),
    });
    expect(told({ duration: null, matchers: [] })).toEqual({
      duration: expect.stringContaining('Say how long'),
      matchers: expect.stringContaining('at least one label'),
    });
  });
});

describe('what the form says of itself', () => {
  const said = (more: Partial<SilencePreview>): string => textOf(silencePreview({ ...preview, ...more }));

  it('is how many alerts it hides, and until when', () =>
    expect(said({})).toBe(
      '*Hides 2 alerts that fire now* (1 silenced already): EdgeErrorRatioHigh\nUntil <!date^1795508120^{time}|08:15> (1 h 00 min)',
    ));

  it.each<[string, Partial<SilencePreview>, string]>([
    ['alerts of other incidents', { own: ['f1'] }, '⚠ *1* of them is not of this incident.'],
    ['that it hides nothing', { hidden: hiddenBy(wanted.matchers, []) }, 'Hides nothing that fires now.'],
    ['the first few rules of many', { hidden: { ...hidden, names: ['A', 'B', 'C'], moreNames: 2 } }, ': A, B, C, 2 more\n'],
    ['that nobody knows', { hidden: null }, 'Alertmanager did not tell what fires now'],
    [
      'what is silenced already',
      { hidden: hiddenBy(wanted.matchers, living.slice(1)) },
      '*Hides 1 alert that fires now* (all silenced already)',
    ],
    [
      'the day, where it is another',
      { wanted: { ...wanted, endsAtMs: nowMs + 86_400_000 } },
      '^{date_short_pretty} {time}|25 Nov 07:15> (1 d 0 h)',
    ],
    ['what stands in the way', { problems: [{ field: 'matchers', text: 'Choose one.' }] }, '⚠ Choose one.\nUntil'],
  ])('is %s', (_what, more, text) => expect(said(more)).toContain(text));

  it('is no end where there is none, and no reason where none is typed yet', () => {
    const endless = {
      wanted: { ...wanted, endsAtMs: Number.NaN },
      problems: [{ field: 'duration', text: 'Say how long.' } as const],
    };
    expect(said(endless)).not.toContain('Until');
    expect(said({ problems: [{ field: 'comment', text: 'Say why.' }] })).toBe(said({}));
  });
});

describe('what the thread is told', () => {
  const silence = { id: 's', by: 'U012ABC', atMs: nowMs, endsAtMs: nowMs + 7_200_000, comment: 'rollback' };

  it('is who silenced what, until when, why, and what that hides', () => {
    const { text } = silencedNote('U012ABC', wanted, hidden, 'Europe/Berlin');
    expect(text.split('\n')).toEqual([
      '*Silenced* by <@U012ABC> until <!date^1795508120^{time}|09:15> (1 h 00 min): rollback is under way',
      'Alerts with alertname = EdgeErrorRatioHigh, destination_service_name = payments',
      '*Hides 2 alerts that fire now* (1 silenced already): EdgeErrorRatioHigh',
    ]);
  });

  it('is who ended it, and how long before its time', () => {
    expect(silenceEndedNote(silence, { by: 'U0BOB', atMs: nowMs + 600_000 }, 'UTC').text).toBe(
      '*Silence ended* by <@U0BOB>, 1 h 50 min before its time: that of <@U012ABC> (rollback). What still fires is told again.',
    );
    expect(silenceEndedNote(silence, { by: 'U0BOB', atMs: nowMs + 7_300_000 }, 'UTC').text).not.toContain('before its time');
    expect(silenceEndedNote(silence, null, 'UTC').text).toMatch(
      /^\*Silence over\* since <!date\^1795511720\^\{time\}\|09:15>: that of/,
    );
  });

  it('is nothing that notifies anybody, links or formats, whoever wrote it', () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        '<!channel>',
        '<@U0EVIL>',
        '<https://evil.example|x>',
        '&lt;!here&gt;',
        '*bold*',
        '`code`',
        'x'.repeat(4000),
      ),
      fc.string({ unit: 'binary', maxLength: 80 }),
    );
    const own = /<@U012ABC>|<!date\^\d+\^[^|>]*\|[^>]*>/g;
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const evil = { ...wanted, matchers: [{ name: one, value: other }], comment: other };
        const seen = hiddenBy(evil.matchers, [
          { fingerprint: one, labels: alertWith({ alertname: other, [one]: other }).labels, isSilenced: false },
        ]);
        const messages = [
          silencedNote('U012ABC', evil, seen, 'UTC'),
          silenceEndedNote({ ...silence, comment: one }, { by: 'U012ABC', atMs: nowMs }, 'UTC'),
          silenceEndedNote({ ...silence, by: one }, null, 'UTC'),
        ];
        for (const { text, blocks } of messages) {
          expect(text.replaceAll(own, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
          expect(blockProblems(blocks, noFiles)).toEqual([]);
        }
        const form = silenceForm({ ...parts, title: one, preview: { ...preview, wanted: evil, hidden: seen, own: [] } });
        expect(formProblems(form)).toEqual([]);
        for (const block of form.blocks.filter(({ type }) => type === 'section'))
          expect(textOf(block).replaceAll(own, '')).not.toMatch(/[<>]/);
      }),
      { numRuns: 60 },
    );
  });
});

describe('whom a role names', () => {
  it('is shown as Slack shows people, groups and channels', () =>
    expect(allowedText({ users: ['U1', 'W2'], groups: ['S3'], channels: ['C4', 'G5'] })).toBe(
      '<@U1>, <@W2>; members of <!subteam^S3>; whoever asks in <#C4>, <#G5>',
    ));

  it('is cut where it is long, and never a tag where it is no id', () => {
    expect(allowedText({ users: ['U1', 'U2', 'U3', 'U4', 'U5', 'U6', 'U7'], groups: [], channels: [] })).toMatch(
      /<@U5>, 2 more$/,
    );
    expect(allowedText({ users: ['!channel'], groups: ['S1>'], channels: [] })).toBe('!channel; members of S1&gt;');
  });

  it('is nobody in particular where everybody or nobody may', () => {
    expect(allowedText('everyone')).toBeNull();
    expect(allowedText({ users: [], groups: [], channels: [] })).toBeNull();
  });
});
