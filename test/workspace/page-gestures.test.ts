import { existsSync } from 'node:fs';
import type { App } from '@slack/bolt';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Workspace } from '../../src/workspace/workspace.ts';
import { boltBySocket } from './app.ts';

const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const has = existsSync(browserPath);

type Json = Readonly<Record<string, unknown>>;
const plain = (text: string): Json => ({ type: 'plain_text', text });
const option = (value: string, text = value): Json => ({ text: plain(text), value });
const button = (action: string, more: Json = {}): Json => ({ type: 'button', action_id: action, text: plain(action), ...more });
const actions = (...elements: readonly Json[]): Json => ({ type: 'actions', block_id: 'row', elements });
const section = (text: string): Json => ({ type: 'section', text: { type: 'mrkdwn', text } });
const input = (block: string, element: Json, more: Json = {}): Json => ({
  type: 'input',
  block_id: block,
  label: plain(block),
  element: { action_id: 'v', ...element },
  ...more,
});
const silence = {
  type: 'modal',
  title: plain('Silence'),
  submit: plain('Send'),
  callback_id: 'silence',
  blocks: [
    input(
      'For',
      { type: 'static_select', options: [option('1h', '1 hour'), option('4h', '4 hours')] },
      { dispatch_action: true },
    ),
    input('Labels', { type: 'checkboxes', options: [option('alertname'), option('namespace')] }),
    input('Urgency', { type: 'radio_buttons', options: [option('low'), option('high')] }, { optional: true }),
    input('Until', { type: 'timepicker' }, { optional: true }),
    input('Reason', { type: 'plain_text_input', multiline: true }),
  ],
};

describe.skipIf(!has)(
  `what people do on the page${has ? '' : ` (skipped: no Chromium at ${browserPath}; CHROMIUM names another)`}`,
  () => {
    let workspace: Workspace;
    let app: App;
    let stop: () => Promise<void>;
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
    });
    afterAll(() => browser?.close());
    beforeEach(async () => {
      ({ workspace, app, stop } = await boltBySocket({ shortcuts: [{ name: 'Why is this so?', callbackId: 'why' }] }));
      page = await browser.newPage({ viewport: { width: 390, height: 844 }, timezoneId: 'UTC', locale: 'en-GB' });
    });
    afterEach(async () => {
      await page?.close();
      await stop?.();
    });

    const post = async (blocks: readonly Json[], more: Json = {}): Promise<string> =>
      (await app.client.chat.postMessage({ channel: '#mesh-alerts', text: 'the text', blocks, ...more } as never)).ts ?? '';
    const go = async (query = ''): Promise<void> => {
      await page.goto(`${workspace.url}/${query}`);
      await page.getByTestId('message').first().waitFor();
    };
    const payload = (): Json => workspace.sent.at(-1)?.payload ?? {};
    const modal = () => page.getByTestId('modal');
    const openSilence = async (): Promise<void> => {
      app.action('Silence', async ({ ack, body, client }) => {
        await ack();
        await client.views.open({
          trigger_id: (body as unknown as { readonly trigger_id: string }).trigger_id,
          view: silence as never,
        });
      });
      await post([actions(button('Silence'))]);
      await go();
      await page.getByRole('button', { name: 'Silence' }).click();
      await modal().getByRole('heading', { name: 'Silence' }).waitFor();
    };

    it('a button that asks first does nothing before it is answered', async () => {
      app.action('Resolve', async ({ ack, respond }) => {
        await ack();
        await respond({ replace_original: true, text: 'Resolved by Ada' });
      });
      const confirm = {
        title: plain('Sure?'),
        text: plain('It closes for all.'),
        confirm: plain('Close it'),
        deny: plain('Keep'),
      };
      await post([actions(button('Resolve', { confirm }))]);
      await go();
      await page.getByRole('button', { name: 'Resolve' }).click();
      await page.getByRole('button', { name: 'Keep' }).click();
      expect(workspace.sent).toEqual([]);
      await page.getByRole('button', { name: 'Resolve' }).click();
      expect(await page.locator('dialog.ask').innerText()).toContain('It closes for all.');
      await page.getByRole('button', { name: 'Close it' }).click();
      await page.getByText('Resolved by Ada').waitFor();
      expect(await page.getByRole('button', { name: 'Resolve' }).count()).toBe(0);
    });

    it('a button with an address opens it and is heard of all the same', async () => {
      app.action('Runbook', async ({ ack }) => ack());
      await post([actions(button('Runbook', { url: `${workspace.url}/icon.svg` }))]);
      await go();
      const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'Runbook' }).click()]);
      expect(popup.url()).toContain('/icon.svg');
      await expect.poll(payload).toMatchObject({ type: 'block_actions', actions: [{ action_id: 'Runbook' }] });
    });

    it('an address of Slack’s own leads to the Home of this app alone, by a button that is heard of and in a text', async () => {
      app.action('Home', async ({ ack }) => ack());
      app.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [section('here it is')] as never[] } });
      });
      const url = 'slack://app?team=T0DEMO0001&id=A0EDGEWISE&tab=home';
      await post([
        actions(button('Home', { url }), button('Other', { url: 'slack://app?team=T0DEMO0001&id=A0OTHER&tab=home' })),
        section(`<${url.replaceAll('&', '&amp;')}|the same> <slack://open|nothing>`),
      ]);
      await go();
      await page.getByRole('link', { name: 'Home' }).click();
      await page.locator('.home').getByText('here it is').waitFor();
      const kinds = () => workspace.sent.map(({ payload: one }) => (one['event'] as Json | undefined)?.['type'] ?? one['type']);
      await expect.poll(() => kinds().toSorted()).toEqual(['app_home_opened', 'block_actions']);
      await page.getByRole('button', { name: '# mesh-alerts' }).click();
      expect(await page.getByRole('link').count()).toBe(2);
      await page.getByRole('link', { name: 'the same' }).click();
      await page.locator('.home').getByText('here it is').waitFor();
    });

    it('menus and thumbs tell what was chosen', async () => {
      app.action(/.*/, async ({ ack }) => ack());
      const thumb = (text: string): Json => ({ text: plain(text), value: text });
      await post([
        actions(
          { type: 'static_select', action_id: 'show', placeholder: plain('Show'), options: [option('flags', 'Flags')] },
          { type: 'overflow', action_id: 'more', options: [option('mute', 'Mute')] },
        ),
        {
          type: 'context_actions',
          elements: [
            { type: 'feedback_buttons', action_id: 'right', positive_button: thumb('Yes'), negative_button: thumb('No') },
          ],
        },
      ]);
      await go();
      await page.locator('select[data-field="row/show"]').selectOption('Flags');
      await expect.poll(payload).toMatchObject({ actions: [{ action_id: 'show', selected_option: { value: 'flags' } }] });
      await page.locator('select[data-field="row/more"]').selectOption('Mute');
      await expect.poll(payload).toMatchObject({ actions: [{ action_id: 'more', selected_option: { value: 'mute' } }] });
      await page.getByRole('button', { name: 'No' }).click();
      await expect.poll(payload).toMatchObject({ actions: [{ action_id: 'right', value: 'No' }] });
      // The message is drawn anew although a menu of it was used.
      await post([section('the next')]);
      await page.getByText('the next').waitFor();
    });

    it('a modal is a sheet on a phone, says beside its fields what is missing, and keeps what was typed while the app changes it', async () => {
      app.action('v', async ({ ack, body, client }) => {
        await ack();
        const { id = '' } = (body as unknown as { readonly view: { readonly id: string } }).view;
        await client.views.update({
          view_id: id,
          view: { ...silence, blocks: [section('3 alerts now'), ...silence.blocks] } as never,
        });
      });
      app.view('silence', async ({ ack, view }) => {
        const reason = view.state.values['Reason']?.['v']?.value ?? '';
        await (reason.includes('INC') ? ack() : ack({ response_action: 'errors', errors: { Reason: 'Name the incident.' } }));
      });
      await openSilence();
      const box = await modal().boundingBox();
      expect([box?.x, box?.width, Math.round((box?.y ?? 0) + (box?.height ?? 0))]).toEqual([0, 390, 844]);
      await modal().getByRole('button', { name: 'Send' }).click();
      await expect.poll(() => modal().locator('.problem').count()).toBe(3);
      await modal().getByLabel('Reason').fill('a <b>known</b> fault');
      await modal().getByLabel('For').selectOption('4 hours');
      await modal().getByText('3 alerts now').waitFor();
      expect(await modal().getByLabel('Reason').inputValue()).toBe('a <b>known</b> fault');
      await modal().getByLabel('namespace').check();
      await modal().getByLabel('high').check();
      await modal().getByLabel('Until').fill('07:30');
      await modal().getByRole('button', { name: 'Send' }).click();
      await modal().getByText('Name the incident.').waitFor();
      expect(await modal().locator('.problem').count()).toBe(1);
      await modal().getByLabel('Reason').fill('INC-12');
      await modal().getByRole('button', { name: 'Send' }).click();
      await expect.poll(() => modal().isVisible()).toBe(false);
      expect((payload()['view'] as { readonly state: Json }).state).toMatchObject({
        values: {
          For: { v: { selected_option: { value: '4h' } } },
          Labels: { v: { selected_options: [{ value: 'namespace' }] } },
          Urgency: { v: { selected_option: { value: 'high' } } },
          Until: { v: { selected_time: '07:30' } },
          Reason: { v: { value: 'INC-12' } },
        },
      });
    });

    it('a modal on another leads back to it; Escape closes one, the cross all', async () => {
      app.view('silence', async ({ ack }) =>
        ack({ response_action: 'push', view: { ...silence, title: plain('Preview') } as never }),
      );
      await openSilence();
      const send = async (): Promise<void> => {
        await modal().getByLabel('For').selectOption('1 hour');
        await modal().getByLabel('alertname').check();
        await modal().getByLabel('Reason').fill('known');
        await modal().getByRole('button', { name: 'Send' }).click();
        await modal().getByRole('heading', { name: 'Preview' }).waitFor();
      };
      app.action('v', async ({ ack }) => ack());
      await send();
      await modal().getByRole('button', { name: 'Back' }).click();
      await modal().getByRole('heading', { name: 'Silence' }).waitFor();
      await send();
      await page.keyboard.press('Escape');
      await modal().getByRole('heading', { name: 'Silence' }).waitFor();
      await send();
      await modal().getByRole('button', { name: 'Close' }).click();
      await expect.poll(() => modal().isVisible()).toBe(false);
    });

    it('what the app does not acknowledge is said, in a modal too', async () => {
      app.view('silence', async ({ ack }) => ack({ response_action: 'errors', errors: { Nowhere: 'x' } }));
      app.action('v', async ({ ack }) => ack());
      await openSilence();
      await modal().getByLabel('For').selectOption('1 hour');
      await modal().getByLabel('alertname').check();
      await modal().getByLabel('Reason').fill('known');
      await modal().getByRole('button', { name: 'Send' }).click();
      await expect.poll(() => modal().getByTestId('toast').innerText()).toMatch(/trouble connecting[\s\S]*Nowhere/);
      expect(await modal().isVisible()).toBe(true);
    });

    it('the menu of a message, in the channel and in a thread, runs the shortcuts of the app', async () => {
      app.shortcut('why', async ({ ack, respond }) => {
        await ack();
        await respond('because');
      });
      const root = await post([section('root')]);
      const reply = await post([section('reply')], { thread_ts: root });
      await go();
      const use = async (place: string): Promise<void> => {
        const message = page.locator(place).getByTestId('message').last();
        await message.locator('summary').click();
        await message.getByRole('button', { name: 'Why is this so?' }).click();
      };
      await use('#messages');
      await page.getByText('because').waitFor();
      expect(payload()).toMatchObject({ type: 'message_action', message_ts: root });
      await page.getByTestId('open-thread').click();
      await use('#replies');
      await expect.poll(payload).toMatchObject({ message_ts: reply, message: { thread_ts: root } });
      // What only Ada sees has no menu.
      expect(await page.locator('.only-you summary').count()).toBe(0);
    });

    it('the Home is what the app puts there when it is opened, and its buttons work', async () => {
      app.event('app_home_opened', async ({ event, client }) => {
        const view = { type: 'home', blocks: [section('Two open incidents'), actions(button('Refresh'))] };
        await client.views.publish({ user_id: event.user, view: view as never });
      });
      app.action('Refresh', async ({ ack }) => ack());
      await post([section('x')]);
      await go();
      await page.getByRole('button', { name: 'Home' }).click();
      await page.getByText('Two open incidents').waitFor();
      expect(await page.getByTestId('composer').isVisible()).toBe(false);
      await page.getByRole('button', { name: 'Refresh' }).click();
      await expect
        .poll(payload)
        .toMatchObject({ type: 'block_actions', container: { type: 'view' }, user: { id: workspace.people.ada } });
      await page.getByRole('button', { name: '# mesh-alerts' }).click();
      expect(await page.getByTestId('composer').isVisible()).toBe(true);
    });

    it('another person sees their own page: others’ whispers are not in it, and another organisation sees the shared channel alone', async () => {
      app.action('Ack', async ({ ack }) => ack());
      await app.client.conversations.join({ channel: workspace.channel('#payments')?.id ?? '' });
      await post([section('for ours')]);
      await post([actions(button('Ack'))], { channel: '#payments' });
      await app.client.chat.postEphemeral({ channel: '#mesh-alerts', user: workspace.people.ada, text: 'for Ada alone' });
      await go();
      await page.getByText('for Ada alone').waitFor();
      await page.locator('#you').selectOption({ label: 'Bo (payments)' });
      await page.waitForURL(/as=/);
      await page.getByText('for ours').waitFor();
      expect(await page.getByText('for Ada alone').count()).toBe(0);
      await page.getByTestId('composer').fill('it is us');
      await page.keyboard.press('Enter');
      await page.getByText('it is us').waitFor();
      expect(workspace.messages('#mesh-alerts').at(-1)?.user).toBe(workspace.people.bo);
      await page.locator('#you').selectOption({ label: 'Sam (of Partner, another organisation)' });
      await page.getByRole('button', { name: 'Ack' }).waitFor();
      expect(await page.locator('nav li').allInnerTexts()).toEqual(['# payments · shared']);
      await page.getByRole('button', { name: 'Ack' }).click();
      await expect.poll(payload).toMatchObject({ user: { id: workspace.people.sam, team_id: 'T0PARTNER1' } });
    });
  },
);
