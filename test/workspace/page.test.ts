import { existsSync } from 'node:fs';
import { WebClient } from '@slack/web-api';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';

const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const has = existsSync(browserPath);

type Json = Readonly<Record<string, unknown>>;
const mrkdwn = (text: string, more: Json = {}): Json => ({ type: 'section', text: { type: 'mrkdwn', text }, ...more });
const plain = (text: string, more: Json = {}): Json => ({ type: 'plain_text', text, ...more });
const words = (text: string, style?: Json): Json => ({ type: 'text', text, ...(style === undefined ? {} : { style }) });
const option = (text: string): Json => ({ text: plain(text), value: text });
const line = (...elements: readonly Json[]): Json => ({ type: 'rich_text_section', elements });

describe.skipIf(!has)(`the page${has ? '' : ` (skipped: no Chromium at ${browserPath}; CHROMIUM names another)`}`, () => {
  let workspace: Workspace;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    workspace = await startWorkspace({ channels: ['#mesh-alerts', '#payments'], isStrict: false, processingMs: 0 });
    page = await browser.newPage({ viewport: { width: 390, height: 800 }, timezoneId: 'UTC', locale: 'en-GB' });
  });
  afterEach(async () => {
    await page?.close();
    await workspace?.close();
  });

  const post = async (blocks: readonly Json[], more: Json = {}): Promise<string> => {
    const web = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl });
    const given = { channel: '#mesh-alerts', text: 'the text', ...(blocks.length > 0 ? { blocks } : {}), ...more };
    return (await web.chat.postMessage(given as never)).ts ?? '';
  };
  const edit = async (ts: string, more: Json): Promise<void> => {
    const web = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl });
    await web.chat.update({ channel: workspace.channel('#mesh-alerts')?.id ?? '', ts, ...more } as never);
  };
  /** Puts blocks into a message that Slack itself would have refused: the page must bear them all the same. */
  const plant = async (blocks: readonly Json[]): Promise<void> => {
    const ts = await post([], { text: 'planted' });
    const message = workspace.messages('#mesh-alerts').find((one) => one.ts === ts);
    if (message) message.blocks = blocks;
  };
  /** The newest message as the page shows it. */
  const shown = async (): Promise<Locator> => {
    if (page.url() === 'about:blank') await page.goto(workspace.url);
    const message = page.locator('#messages').getByTestId('message').last();
    await message.waitFor();
    return message;
  };
  const inner = async (selector: string): Promise<readonly string[]> =>
    (await (await shown()).locator(selector).allInnerTexts()).map((text) => text.trim());

  it('shows hostile text as text, fences as fences, and what Slack says where no app hears a click or a command', async () => {
    const hostile = '<script>window.ran=1</script> &lt;img src=x onerror=window.ran=2&gt; <javascript:window.ran=3|click>';
    await post([
      { type: 'header', text: plain('<img src=x onerror=window.ran=4>') },
      mrkdwn(`${hostile}\n\`\`\`kubectl *get* pods\`\`\``),
      { type: 'actions', elements: [{ type: 'button', action_id: 'a', text: plain('Why') }] },
    ]);
    const message = await shown();
    expect(await message.locator('.header').innerText()).toBe('<img src=x onerror=window.ran=4>');
    expect(await message.innerText()).toContain('<img src=x onerror=window.ran=2>');
    expect(await message.locator('pre').innerText()).toBe('kubectl *get* pods');
    expect(await message.locator('script, img, a').count()).toBe(0);
    await message.getByRole('button', { name: 'Why' }).click();
    await expect.poll(() => page.getByTestId('toast').innerText()).toMatch(/could not be reached \(dispatch_failed\)/);

    // No app is connected: Slack itself says so, to the one who asked.
    await page.getByTestId('composer').fill('/mesh help');
    await page.keyboard.press('Enter');
    const answer = page.locator('.only-you').first();
    await answer.waitFor();
    expect(await answer.innerText()).toMatch(/Only visible to you[\s\S]*dispatch_failed/);
    expect(await page.evaluate('window.ran')).toBeUndefined();

    await page.getByRole('button', { name: '# payments' }).click();
    expect(await page.getByTestId('message').count()).toBe(0);
    const widths = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as readonly number[];
    expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
  });

  it('runs nothing and leaves for nowhere, whatever stands where an address, a style, a name or a number is expected', async () => {
    const run = 'javascript:window.ran=1';
    const breakOut = '"><img src=x onerror=window.ran=2>';
    await plant([
      mrkdwn(
        `<${run}|a> <JaVaScRiPt:window.ran=1|b> <data:text/html,<script>|c> <vbscript:x|d> <//evil.example|e> <@U1" onclick=x>`,
      ),
      mrkdwn(`<https://a.example/${breakOut}|f> <!date^1^{time}^${run}|g> <!subteam^S1|${breakOut}> \u0001java\nscript:x`),
      mrkdwn('accessory', { accessory: { type: 'button', action_id: 'b', text: plain('run'), url: run } }),
      mrkdwn('picture', {
        accessory: { type: 'image', alt_text: breakOut, image_url: 'data:image/svg+xml,<svg onload=window.ran=3>' },
      }),
      { type: 'image', alt_text: breakOut, image_url: run },
      {
        type: 'rich_text',
        elements: [
          line(
            { type: 'link', url: run, text: 'h' },
            { type: 'link', url: ' javascript:window.ran=1' },
            { type: 'color', value: 'red;background:url(x)' },
          ),
          line(
            { type: 'emoji', name: breakOut, unicode: 'ffffffff-<' },
            { type: '__proto__', text: 'i' },
            { type: 'date', timestamp: 'x', url: run, fallback: 'j' },
          ),
          { type: 'rich_text_list', style: breakOut, indent: breakOut, offset: run, elements: [line(words(breakOut))] },
          { type: 'constructor', elements: 7 },
        ],
      },
      {
        type: 'table',
        rows: [
          [
            { type: 'raw_text', text: breakOut },
            { type: 'rich_text', elements: [line({ type: 'link', url: run })] },
          ],
        ],
      },
      { type: 'actions', elements: [{ type: breakOut, style: breakOut, url: run }] },
    ]);
    const message = await shown();
    expect(await message.innerText()).toContain(breakOut);
    const hrefs = await message.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(hrefs.every((href) => href.startsWith('https://a.example/'))).toBe(true);
    expect(await message.locator('img, script, iframe, [onclick], [onerror], [style*="url"]').count()).toBe(0);
    for (const part of await message.locator('button:not(:disabled), span').all()) await part.click({ force: true });
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(page.url()).toBe(`${workspace.url}/`);
  });

  it('reads mrkdwn as Slack does: marks at the borders of words, code before marks, quotes by lines, links and bare addresses', async () => {
    await post([], {
      text: '*bold _both_* ~gone~ 2 * 3 * 4 snake_case_name `*not bold* &amp; <b>` https://a.example/x_y_z?a=1&amp;b=2. <https://b.example|*label*> <mailto:a@b.example|mail>\n&gt; first\n> second\nafter\n• bullet\n```\n  two\n```',
    });
    expect(await inner('strong')).toEqual(['bold both', 'label']);
    expect(await inner('em')).toEqual(['both']);
    expect(await inner('s')).toEqual(['gone']);
    expect(await inner('code')).toEqual(['*not bold* & <b>']);
    expect(await inner('blockquote')).toEqual(['first\nsecond']);
    expect(await inner('pre')).toEqual(['two']);
    const hrefs = await (await shown()).locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    expect(hrefs).toEqual(['https://a.example/x_y_z?a=1&b=2', 'https://b.example/', 'mailto:a@b.example']);
    expect(await (await shown()).innerText()).toMatch(/2 \* 3 \* 4 snake_case_name[\s\S]*\nafter\n• bullet/);
    await post([mrkdwn('one\n&gt;&gt;&gt; all\nthe rest')]);
    await expect.poll(() => inner('blockquote')).toEqual(['all\nthe rest']);
    await post([{ type: 'section', text: { type: 'mrkdwn', text: 'https://a.example is no link here', verbatim: true } }]);
    await expect.poll(() => inner('.text')).toEqual(['https://a.example is no link here']);
    expect(await inner('a')).toEqual([]);
  });

  it("names people, channels and everybody, tells the reader's own time, and knows the emoji of the trade", async () => {
    const zone = '<!date^1392734382^{date_num} {date_short} {date_long} {time} {time_secs} {nothing}|x>';
    await post([mrkdwn(`<@U0ONCALL01> <@U0NOBODY1|zoe> <#C00000002> <#C0ELSEWHERE|far> <!here> <!subteam^S012|@sre> ${zone}`)]);
    expect(await inner('.mention')).toEqual(['@ada', '@zoe', '#payments', '#far', '@here', '@sre']);
    expect(await inner('.mention.you')).toEqual(['@ada', '@here']);
    expect(await inner('.text time')).toEqual(['2014-02-18 Feb 18, 2014 Tuesday, February 18, 2014 14:39 14:39:42 {nothing}']);
    await post([
      mrkdwn('<!date^99999999999999^{time}|as it was> :fire: :+1::skin-tone-3: :no_such_thing: 10:15:20'),
      { type: 'header', text: plain(':x: up') },
      { type: 'header', text: plain(':x: off', { emoji: false }) },
    ]);
    await expect.poll(() => inner('.header')).toEqual(['❌ up', ':x: off']);
    expect((await inner('.text'))[0]).toMatch(/🔥 👍🏼 :no_such_thing: 10:15:20$/u);
  });

  it('shows what people type: styles, lists in lists, quotes, fences, and every kind of leaf', async () => {
    await post([
      {
        type: 'rich_text',
        elements: [
          line(
            words('bold', { bold: true, italic: true }),
            words('gone', { strike: true }),
            words('kubectl <x>', { code: true }),
          ),
          line(
            { type: 'link', url: 'https://a.example', text: 'there' },
            { type: 'user', user_id: 'U0ONCALL01' },
            { type: 'channel', channel_id: 'C00000002' },
            { type: 'usergroup', usergroup_id: 'S1' },
            { type: 'broadcast', range: 'channel' },
          ),
          line(
            { type: 'emoji', name: 'whatever', unicode: '1f389' },
            { type: 'emoji', name: 'ours' },
            { type: 'color', value: '#e01e5a' },
            { type: 'date', timestamp: 1392734382, format: '{time}', fallback: 'x' },
          ),
          { type: 'rich_text_list', style: 'bullet', elements: [line(words('one'))] },
          { type: 'rich_text_list', style: 'bullet', indent: 1, elements: [line(words('inside'))] },
          { type: 'rich_text_list', style: 'ordered', offset: 2, elements: [line(words('third'))] },
          { type: 'rich_text_quote', elements: [words('said')] },
          { type: 'rich_text_preformatted', elements: [words('  a\n  b')] },
        ],
      },
    ]);
    expect(await inner('strong em')).toEqual(['bold']);
    expect([await inner('s'), await inner('code'), await inner('a')]).toEqual([['gone'], ['kubectl <x>'], ['there']]);
    expect(await inner('.mention')).toEqual(['@ada', '#payments', '@S1', '@channel']);
    expect((await (await shown()).innerText()).includes('🎉:ours:#e01e5a')).toBe(true);
    expect([await inner('li'), await inner('blockquote'), await inner('time:not(.when)')]).toEqual([
      ['one', 'inside', 'third'],
      ['said'],
      ['14:39'],
    ]);
    const [outer, nested] = await Promise.all([0, 1].map((n) => page.locator('li').nth(n).boundingBox()));
    expect((nested?.x ?? 0) - (outer?.x ?? 0)).toBeGreaterThan(10);
    expect(await (await shown()).locator('ol').getAttribute('start')).toBe('3');
    expect(await (await shown()).locator('pre').textContent()).toBe('  a\n  b');
  });

  it('lays out fields, accessories, buttons with an address, tables and pictures; a part that is not as it should be takes nothing else with it', async () => {
    await plant([
      { type: 'section', fields: [1, 2, 3].map((n) => ({ type: 'mrkdwn', text: `*Field ${n}*` })) },
      mrkdwn('beside', {
        accessory: { type: 'button', action_id: 'a', style: 'danger', text: plain('Runbook'), url: 'https://a.example/run' },
      }),
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'b', text: plain('Why') },
          { type: 'overflow', action_id: 'c', options: [option('Later')] },
          { type: 'static_select', action_id: 'd', placeholder: plain('Silence'), options: [option('1 hour')] },
          { type: 'users_select', action_id: 'e', placeholder: plain('Who') },
        ],
      },
      { type: 'image', image_url: 'https://a.example/x.png', alt_text: 'a chart', title: plain('the title') },
      {
        type: 'table',
        column_settings: [{}, { align: 'right' }],
        rows: [
          [
            { type: 'raw_text', text: 'From' },
            { type: 'raw_text', text: 'RPS' },
          ],
          [
            { type: 'rich_text', elements: [line(words('checkout', { bold: true }))] },
            { type: 'raw_number', value: 12 },
          ],
        ],
      },
      { type: 'rich_text', elements: [null, { type: 'rich_text_list', elements: 7 }] },
      { type: 'divider' },
      { type: 'context', elements: [{ type: 'mrkdwn', text: 'the *end*' }] },
    ]);
    const message = await shown();
    const boxes = await Promise.all([0, 1, 2].map((n) => message.locator('.fields > div').nth(n).boundingBox()));
    expect([boxes[0]?.y === boxes[1]?.y, (boxes[2]?.y ?? 0) > (boxes[0]?.y ?? 0)]).toEqual([true, true]);
    expect(await message.getByRole('link', { name: 'Runbook' }).getAttribute('rel')).toBe('noreferrer noopener');
    expect(await message.locator('select').evaluateAll((all) => all.map((one) => one.textContent))).toEqual([
      '⋯Later',
      'Silence1 hour',
    ]);
    // An element that the page does not know is shown, and does nothing.
    expect(await message.locator('button:disabled').allInnerTexts()).toEqual(['Who']);
    expect(await message.getByAltText('a chart').getAttribute('src')).toBe('https://a.example/x.png');
    expect([await inner('th'), await inner('td'), await inner('td strong')]).toEqual([
      ['From', 'RPS'],
      ['checkout', '12'],
      ['checkout'],
    ]);
    expect(await inner('.caption')).toEqual(['the title']);
    expect((await message.innerText()).includes('(a rich_text block)')).toBe(true);
    expect(await message.locator('.context').last().innerText()).toBe('the end');
  });

  it('folds what is long until the reader unfolds it, and keeps it so', async () => {
    await post([mrkdwn(`${'lorem ipsum '.repeat(120)}END`)]);
    const text = (await shown()).locator('.text');
    const folded = (await text.boundingBox())?.height ?? 0;
    await page.getByRole('button', { name: 'Show more' }).click();
    expect((await text.boundingBox())?.height ?? 0).toBeGreaterThan(2 * folded);
    await post([mrkdwn('another')]);
    await expect.poll(() => inner('.text')).toEqual(['another']);
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
  });

  it('marks edits, counts replies, and shows a broadcast in both places, each saying where else it stands', async () => {
    const root = await post([mrkdwn('the root')], { text: 'checkout → payments' });
    await post([mrkdwn('a reply')], { thread_ts: root });
    await post([mrkdwn('loud')], { thread_ts: root, reply_broadcast: true });
    await edit(root, { text: 'checkout → payments', blocks: [mrkdwn('the root, told anew')] });
    expect(await (await shown()).innerText()).toMatch(/replied to a thread: checkout → payments[\s\S]*loud/);
    const first = page.locator('#messages').getByTestId('message').first();
    expect(await first.innerText()).toMatch(/the root, told anew\s*\(edited\)\s*2 replies/);
    await first.getByTestId('open-thread').click();
    const thread = page.getByTestId('thread');
    expect(await thread.getByTestId('message').allInnerTexts()).toEqual([
      expect.stringMatching(/the root, told anew/),
      expect.stringMatching(/a reply/),
      expect.stringMatching(/loud\s*Also sent to the channel/),
    ]);
    expect(await thread.locator('.rule').innerText()).toBe('2 replies');
    await thread.getByLabel('Reply').fill('on it & <b>looking</b>');
    await page.keyboard.press('Enter');
    await expect.poll(() => thread.getByTestId('message').last().innerText()).toMatch(/ada[\s\S]*on it & <b>looking<\/b>/);
    await thread.getByLabel('Reply').fill('/mesh stat');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => thread.getByTestId('message').last().innerText())
      .toMatch(/Only visible to you[\s\S]*not supported in threads/);
  });

  it('has a direct message, which the bot opens with the id of a person and which no channel list tells of', async () => {
    await post([], { channel: 'U0ONCALL01', text: 'only for you' });
    await page.goto(workspace.url);
    await page.getByRole('button', { name: 'edgewise' }).click();
    expect(await (await shown()).innerText()).toMatch(/only for you$/);
    const web = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl });
    const { channels } = await web.conversations.list({ types: 'public_channel,private_channel' });
    expect(channels?.map(({ name }) => name)).toEqual(['mesh-alerts', 'payments']);
  });

  it('answers no other site that the reader has open, neither one that types in it nor one whose name leads to loopback', async () => {
    const say = (headers: Record<string, string>) =>
      fetch(`${workspace.url}/say`, { method: 'POST', headers, body: JSON.stringify({ text: 'x', channel: '#mesh-alerts' }) });
    expect((await say({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await say({ origin: workspace.url })).status).toBe(200);
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(`${workspace.url}/state`, { headers: { host: 'evil.example' } }, (response) => resolve(response.statusCode)).end();
    });
    expect(status).toBe(403);
  });
});
