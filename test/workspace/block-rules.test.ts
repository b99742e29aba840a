import { describe, expect, it } from 'vitest';
import { blockProblems } from '../../src/workspace/block-rules.ts';
import { viewProblems } from '../../src/workspace/view-rules.ts';

type Json = Readonly<Record<string, unknown>>;
const plain = (text: string): Json => ({ type: 'plain_text', text });
const mrkdwn = (text: string): Json => ({ type: 'mrkdwn', text });
const option = (value: string, more: Json = {}): Json => ({ text: plain(value), value, ...more });
const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const long = (size: number): string => 'x'.repeat(size);
const files = () => 'missing' as const;
const pointers = (block: Json, surface?: 'message' | 'modal' | 'home'): readonly string[] =>
  blockProblems([block], files, surface).map(({ pointer }) => pointer);

const button = (more: Json = {}): Json => ({
  type: 'button',
  action_id: 'ack',
  text: plain('Acknowledge'),
  value: 'inc-1',
  ...more,
});
const actions = (...elements: readonly Json[]): Json => ({ type: 'actions', elements });
const select = (more: Json = {}): Json => ({
  type: 'static_select',
  action_id: 's',
  placeholder: plain('For'),
  options: [option('1h'), option('4h')],
  ...more,
});
const input = (element: Json, more: Json = {}): Json => ({ type: 'input', label: plain('Why'), element, ...more });
const typed = (more: Json = {}): Json => ({ type: 'plain_text_input', action_id: 't', ...more });
const confirm = { title: plain('Sure?'), text: mrkdwn('*2* alerts'), confirm: plain('Silence'), deny: plain('No') };
const rich = (...elements: readonly unknown[]): Json => ({ type: 'rich_text', elements });

describe('blocks that Slack takes', () => {
  it.each([
    [
      'buttons with a value, an address, a style and a question',
      actions(button({ style: 'danger', url: 'https://a.example', confirm })),
    ],
    [
      'a menu of options',
      actions(select(), { type: 'overflow', action_id: 'o', options: [option('a', { url: 'https://a.example' })] }),
    ],
    [
      'a menu of groups, one option chosen at first',
      actions({
        type: 'static_select',
        option_groups: [{ label: plain('Hours'), options: [option('1h')] }],
        initial_option: option('1h'),
      }),
    ],
    [
      'a field of several lines',
      input(typed({ multiline: true, min_length: 3, max_length: 200 }), { hint: plain('Kept for ever') }),
    ],
    [
      'boxes and a date',
      actions(
        { type: 'checkboxes', action_id: 'c', options: [option('a', { description: mrkdwn('_b_') })] },
        { type: 'datepicker', action_id: 'd', initial_date: '2026-11-27' },
      ),
    ],
    [
      'a table with a number, a text and rich text',
      {
        type: 'table',
        column_settings: [null, { align: 'right' }],
        rows: [
          [
            { type: 'raw_text', text: 'a' },
            { type: 'raw_number', value: 5 },
            rich({ type: 'rich_text_section', elements: [{ type: 'text', text: 'b', style: { bold: true } }] }),
          ],
        ],
      },
    ],
    [
      'thumbs and a bin',
      {
        type: 'context_actions',
        elements: [
          {
            type: 'feedback_buttons',
            action_id: 'f',
            positive_button: { text: plain('👍'), value: '1' },
            negative_button: { text: plain('👎'), value: '0' },
          },
          { type: 'icon_button', action_id: 'i', icon: 'trash', text: plain('Away') },
        ],
      },
    ],
  ] as readonly (readonly [string, Json])[])('%s', (_, block) => expect(pointers(block)).toEqual([]));
});

describe('blocks that Slack refuses', () => {
  it.each([
    ['a label of 76 characters', actions(button({ text: plain(long(76)) })), '/elements/0/text/text'],
    ['a value of 2,001 characters', actions(button({ value: long(2001) })), '/elements/0/value'],
    ['a style of its own', actions(button({ style: 'green' })), '/elements/0/style'],
    ['marks on a button', actions(button({ text: mrkdwn('*a*') })), '/elements/0/text/type'],
    ['a property that no button has', actions(button({ colour: 'red' })), '/elements/0'],
    ['twenty-six buttons', actions(...many(26, (n) => button({ action_id: `a${n}` }))), '/elements'],
    ['an action_id twice in a block', actions(button(), button()), '/elements'],
    ['a question without an answer', actions(button({ confirm: { ...confirm, deny: undefined } })), '/elements/0/confirm/deny'],
    [
      'a question of 301 characters',
      actions(button({ confirm: { ...confirm, text: plain(long(301)) } })),
      '/elements/0/confirm/text/text',
    ],
    ['a menu without options', actions(select({ options: undefined })), '/elements/0'],
    ['a hundred and one options', actions(select({ options: many(101, (n) => option(`${n}`)) })), '/elements/0/options'],
    ['an option twice', actions(select({ options: [option('a'), option('a')] })), '/elements/0/options'],
    ['an option of 76 characters', actions(select({ options: [option(long(76))] })), '/elements/0/options/0/text/text'],
    ['a choice that is no option', actions(select({ initial_option: option('8h') })), '/elements/0'],
    [
      'six points in an overflow menu',
      actions({ type: 'overflow', options: many(6, (n) => option(`${n}`)) }),
      '/elements/0/options',
    ],
    ['eleven boxes', actions({ type: 'checkboxes', options: many(11, (n) => option(`${n}`)) }), '/elements/0/options'],
    ['several choices outside of a field', actions({ ...select(), type: 'multi_static_select' }), '/elements/0/type'],
    ['a text field among buttons', actions(typed()), '/elements/0/type'],
    ['a date that is none', actions({ type: 'datepicker', initial_date: 'tomorrow' }), '/elements/0/initial_date'],
    ['a field without a label', { type: 'input', element: typed() }, '/label'],
    ['a button as a field', input(button()), '/element/type'],
    ['a shortest above the longest', input(typed({ min_length: 9, max_length: 3 })), '/element/min_length'],
    ['3,001 characters to type', input(typed({ max_length: 3001 })), '/element/max_length'],
    [
      'thumbs of one hand',
      { type: 'context_actions', elements: [{ type: 'feedback_buttons', positive_button: { text: plain('👍'), value: '1' } }] },
      '/elements/0/negative_button',
    ],
    [
      'an icon that is not there',
      { type: 'context_actions', elements: [{ type: 'icon_button', icon: 'pen', text: plain('x') }] },
      '/elements/0/icon',
    ],
    ['a cell without text', { type: 'table', rows: [[{ type: 'raw_text', text: '' }]] }, '/rows/0/0/text'],
    ['a cell of marks', { type: 'table', rows: [[mrkdwn('*a*')]] }, '/rows/0/0'],
    [
      'a column that leans',
      { type: 'table', column_settings: [{ align: 'justify' }], rows: [[{ type: 'raw_text', text: 'a' }]] },
      '/column_settings/0/align',
    ],
    [
      'rich text of an unknown leaf',
      rich({ type: 'rich_text_section', elements: [{ type: 'blink', text: 'a' }] }),
      '/elements/0/elements/0/type',
    ],
    [
      'a leaf without its text',
      rich({ type: 'rich_text_section', elements: [{ type: 'text', text: '' }] }),
      '/elements/0/elements/0/text',
    ],
    [
      'a list of leaves',
      rich({ type: 'rich_text_list', style: 'bullet', elements: [{ type: 'text', text: 'a' }] }),
      '/elements/0/elements/0/type',
    ],
    [
      'a style that no text has',
      rich({ type: 'rich_text_section', elements: [{ type: 'text', text: 'a', style: { red: true } }] }),
      '/elements/0/elements/0/style',
    ],
    ['an alert outside of a modal', { type: 'alert', text: plain('Careful') }, ''],
    ['a block that is none', { type: '__proto__' }, '/type'],
  ] as readonly (readonly [string, Json, string])[])('%s', (_, block, at) => {
    expect(pointers(JSON.parse(JSON.stringify(block)) as Json)).toContain(`/blocks/0${at}`);
  });

  it.each([
    ['message', { type: 'alert', text: plain('a') }],
    ['modal', { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] }],
    ['modal', { type: 'markdown', text: 'a' }],
    ['home', { type: 'context_actions', elements: [] }],
  ] as const)('on a surface of another kind: in a %s %j', (surface, block) =>
    expect(pointers(block, surface)).toContain('/blocks/0'),
  );

  it('by their number: fifty in a message, a hundred in a modal and in the Home', () => {
    const dividers = (count: number) => many(count, () => ({ type: 'divider' }));
    expect(blockProblems(dividers(51), files)).toHaveLength(1);
    expect(blockProblems(dividers(100), files, 'home')).toEqual([]);
    expect(blockProblems(dividers(101), files, 'modal')).toHaveLength(1);
  });
});

describe('views', () => {
  const modal = (more: Json = {}): Json => ({ type: 'modal', title: plain('Silence'), blocks: [{ type: 'divider' }], ...more });
  const wrong = (view: unknown, type: 'modal' | 'home' = 'modal') =>
    viewProblems(view, type, files).problems.map(({ pointer }) => pointer);

  it('are taken with a title, fields and a button, and the Home without', () => {
    expect(
      wrong(
        modal({
          submit: plain('Go'),
          close: plain('Not now'),
          private_metadata: long(3000),
          callback_id: long(255),
          blocks: [input(typed())],
        }),
      ),
    ).toEqual([]);
    expect(wrong({ type: 'home', blocks: [actions(button())] }, 'home')).toEqual([]);
  });

  it.each([
    [modal({ title: plain(long(25)) }), '/view/title/text'],
    [modal({ title: undefined }), '/view/title'],
    [modal({ submit: plain(long(25)) }), '/view/submit/text'],
    [modal({ blocks: [input(typed())] }), '/view/submit'],
    [modal({ blocks: [] }), '/view/blocks'],
    [modal({ private_metadata: long(3001) }), '/view/private_metadata'],
    [modal({ callback_id: long(256) }), '/view/callback_id'],
    [modal({ notify_on_close: 'yes' }), '/view/notify_on_close'],
    [modal({ footer: 'x' }), '/view'],
    [{ type: 'home', blocks: [{ type: 'divider' }] }, '/view/type'],
    ['no view', '/view'],
  ])('are refused as %j', (view, at) => expect(wrong(view)).toContain(at));

  it('are too large above 250 kB', () => {
    const blocks = many(90, () => ({ type: 'section', text: plain(long(2900)) }));
    expect(viewProblems(modal({ blocks }), 'modal', files)).toEqual({ problems: [], isTooLarge: true });
  });
});
