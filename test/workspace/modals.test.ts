import type { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Workspace } from '../../src/workspace/workspace.ts';
import { boltBySocket } from './app.ts';

type Json = Readonly<Record<string, unknown>>;
const plain = (text: string): Json => ({ type: 'plain_text', text });
const option = (value: string): Json => ({ text: plain(value), value });
const input = (block: string, element: Json, more: Json = {}): Json => ({
  type: 'input',
  block_id: block,
  label: plain(block),
  element: { action_id: 'v', ...element },
  ...more,
});
const fields = [
  input('for', { type: 'static_select', options: [option('1h'), option('4h')], initial_option: option('1h') }),
  input('labels', { type: 'checkboxes', options: [option('alertname'), option('namespace')] }),
  input('why', { type: 'plain_text_input', min_length: 5, max_length: 20 }),
  input('until', { type: 'datepicker' }, { optional: true }),
];
const modal = (title: string, more: Json = {}): Json => ({
  type: 'modal',
  title: plain(title),
  submit: plain('Go'),
  callback_id: 'silence',
  private_metadata: 'inc-1',
  blocks: fields,
  ...more,
});
const filled = { labels: { v: ['namespace'] }, why: { v: 'known fault' } };

let workspace: Workspace;
let app: App;
let stop: () => Promise<void>;
let nowMs = 1_800_000_000_000;
beforeEach(async () => {
  nowMs = 1_800_000_000_000;
  ({ workspace, app, stop } = await boltBySocket({ nowMs: () => nowMs }));
  app.action('open', async ({ ack }) => ack());
});
afterEach(() => stop());

/** A trigger as a click brings it. */
const trigger = async (): Promise<string> => {
  const blocks = [{ type: 'actions', elements: [{ type: 'button', action_id: 'open', text: plain('Open') }] }];
  const { ts = '' } = await app.client.chat.postMessage({ channel: '#mesh-alerts', text: 'x', blocks: blocks as never[] });
  await workspace.click({ in: { channel: '#mesh-alerts', ts }, action: 'open' });
  return String(workspace.sent.at(-1)?.payload['trigger_id']);
};
const open = async (view: Json): Promise<string> =>
  (await app.client.views.open({ trigger_id: await trigger(), view: view as never })).view?.id ?? '';
const push = async (view: Json) => app.client.views.push({ trigger_id: await trigger(), view: view as never });
const titles = (): readonly unknown[] => workspace.modals().map(({ given }) => (given['title'] as Json)['text']);
const sent = (): Json => workspace.sent.at(-1)?.payload ?? {};

describe('a trigger', () => {
  it('opens one modal', async () => {
    const trigger_id = await trigger();
    await app.client.views.open({ trigger_id, view: modal('One') as never });
    await expect(app.client.views.open({ trigger_id, view: modal('Two') as never })).rejects.toThrow('exchanged_trigger_id');
    expect(titles()).toEqual(['One']);
  });

  it('is worth nothing after three seconds, and nothing where it is made up', async () => {
    const trigger_id = await trigger();
    nowMs += 3001;
    await expect(app.client.views.open({ trigger_id, view: modal('Late') as never })).rejects.toThrow('expired_trigger_id');
    await expect(app.client.views.open({ trigger_id: 'x', view: modal('Late') as never })).rejects.toThrow('invalid_trigger_id');
    expect(titles()).toEqual([]);
  });

  it('is not spent by a view that Slack refuses', async () => {
    const trigger_id = await trigger();
    const wrong = app.client.views.open({ trigger_id, view: modal('x'.repeat(25)) as never });
    await expect(wrong).rejects.toMatchObject({
      data: { error: 'invalid_arguments', response_metadata: { messages: [expect.stringContaining('/view/title/text')] } },
    });
    await app.client.views.open({ trigger_id, view: modal('Right') as never });
    expect(titles()).toEqual(['Right']);
  });
});

describe('modals on each other', () => {
  it('are three at most, and closing one shows the one below', async () => {
    const root = await open(modal('One'));
    await push(modal('Two'));
    const third = await push(modal('Three'));
    expect(third.view).toMatchObject({ root_view_id: root, previous_view_id: workspace.modals()[1]?.id });
    await expect(push(modal('Four'))).rejects.toThrow('push_limit_reached');
    expect(titles()).toEqual(['One', 'Two', 'Three']);
    await workspace.dismiss();
    expect(titles()).toEqual(['One', 'Two']);
    await workspace.dismiss(workspace.people.ada, true);
    expect(titles()).toEqual([]);
  });

  it('are told of when they close, where they ask for it', async () => {
    app.view({ type: 'view_closed', callback_id: 'silence' }, async ({ ack }) => ack());
    await open(modal('One', { notify_on_close: true }));
    await workspace.dismiss();
    expect(sent()).toMatchObject({ type: 'view_closed', is_cleared: false, view: { private_metadata: 'inc-1' } });
    await open(modal('Quiet'));
    const before = workspace.sent.length;
    await workspace.dismiss();
    expect(workspace.sent.length).toBe(before);
  });

  it('are changed by their id, not by an app that has read an older one', async () => {
    const view_id = await open(modal('One'));
    const hash = workspace.modals()[0]?.hash ?? '';
    await app.client.views.update({ view_id, hash, view: modal('Two') as never });
    await expect(app.client.views.update({ view_id, hash, view: modal('Three') as never })).rejects.toThrow('hash_conflict');
    expect(titles()).toEqual(['Two']);
    await workspace.dismiss();
    await expect(app.client.views.update({ view_id, view: modal('Four') as never })).rejects.toThrow('not_found');
  });
});

describe('a form', () => {
  it('is not sent before it is filled in as its fields ask', async () => {
    await open(modal('Silence'));
    const before = workspace.sent.length;
    expect(await workspace.submit({ values: { why: { v: 'no' } } })).toEqual({
      ok: false,
      error: 'form',
      problems: { labels: 'Please complete this required field.', why: 'This field needs at least 5 characters.' },
    });
    expect(workspace.sent.length).toBe(before);
    await expect(workspace.submit({ person: workspace.people.bo })).rejects.toThrow('has no modal open');
  });

  it('takes as many choices as it says', async () => {
    const many = { type: 'multi_static_select', options: [option('a'), option('b'), option('c')], max_selected_items: 2 };
    app.view('silence', async ({ ack }) => ack());
    await open(modal('Silence', { blocks: [input('teams', many)] }));
    const problems = { teams: 'Choose at most 2.' };
    expect(await workspace.submit({ values: { teams: { v: ['a', 'b', 'c'] } } })).toEqual({ ok: false, error: 'form', problems });
    expect(await workspace.submit({ values: { teams: { v: ['a', 'b'] } } })).toEqual({ ok: true });
  });

  it('tells every field, what was there at first among them, and closes when it is taken', async () => {
    app.view('silence', async ({ ack }) => ack());
    await open(modal('Silence'));
    expect(await workspace.submit({ values: filled })).toEqual({ ok: true });
    expect(sent()).toMatchObject({
      type: 'view_submission',
      user: { id: workspace.people.ada },
      view: {
        callback_id: 'silence',
        private_metadata: 'inc-1',
        state: {
          values: {
            for: { v: { type: 'static_select', selected_option: option('1h') } },
            labels: { v: { type: 'checkboxes', selected_options: [option('namespace')] } },
            why: { v: { type: 'plain_text_input', value: 'known fault' } },
            until: { v: { type: 'datepicker', selected_date: null } },
          },
        },
      },
    });
    expect(titles()).toEqual([]);
  });

  it('stays with a sentence beside the field that the app names', async () => {
    app.view('silence', async ({ ack }) => ack({ response_action: 'errors', errors: { why: 'Name the incident.' } }));
    await open(modal('Silence'));
    expect(await workspace.submit({ values: filled })).toEqual({
      ok: false,
      error: 'form',
      problems: { why: 'Name the incident.' },
    });
    expect(titles()).toEqual(['Silence']);
  });

  it.each([
    ['update', { response_action: 'update', view: modal('Preview') }, ['Preview']],
    ['push', { response_action: 'push', view: modal('Preview') }, ['Silence', 'Preview']],
    ['clear', { response_action: 'clear' }, []],
  ] as const)('is followed by what the app answers: %s', async (_, answer, expected) => {
    app.view('silence', async ({ ack }) => ack(answer as never));
    await open(modal('Silence'));
    expect(await workspace.submit({ values: filled })).toEqual({ ok: true });
    expect(titles()).toEqual(expected);
  });

  it.each([
    ['an error for a field that is not there', { response_action: 'errors', errors: { nowhere: 'x' } }, /nowhere/],
    ['a view that Slack refuses', { response_action: 'update', view: modal('x'.repeat(25)) }, /24 characters/],
    ['an unknown action', { response_action: 'explode' }, /explode/],
  ] as const)('stays where the app answers with %s', async (_, answer, why) => {
    app.view('silence', async ({ ack }) => ack(answer as never));
    await open(modal('Silence'));
    expect(await workspace.submit({ values: filled })).toMatchObject({
      ok: false,
      error: 'trouble',
      why: expect.stringMatching(why),
    });
    expect(titles()).toEqual(['Silence']);
  });

  it('tells of a choice at once where the field asks for it, with all that is typed so far', async () => {
    app.action('v', async ({ ack }) => ack());
    const [first = {}, ...others] = fields;
    await open(modal('Silence', { blocks: [{ ...first, dispatch_action: true }, ...others] }));
    await workspace.click({ in: 'modal', action: 'v', block: 'for', chosen: '4h', values: filled });
    expect(sent()).toMatchObject({
      type: 'block_actions',
      container: { type: 'view', view_id: workspace.modals()[0]?.id },
      actions: [{ block_id: 'for', selected_option: option('4h') }],
      view: {
        hash: workspace.modals()[0]?.hash,
        state: { values: { for: { v: { selected_option: option('4h') } }, why: { v: { value: 'known fault' } } } },
      },
    });
    expect(sent()['response_url']).toBeUndefined();
    await expect(workspace.click({ in: 'modal', action: 'v', block: 'why', chosen: 'x' })).rejects.toThrow(
      'without dispatch_action',
    );
  });
});
