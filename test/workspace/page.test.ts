import { existsSync } from 'node:fs';
import { WebClient } from '@slack/web-api';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';

const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const has = existsSync(browserPath);

describe.skipIf(!has)(`the page${has ? '' : ` (skipped: no Chromium at ${browserPath}; CHROMIUM names another)`}`, () => {
  let workspace: Workspace;
  let browser: Browser;
  beforeAll(async () => {
    workspace = await startWorkspace({ channels: ['#mesh-alerts', '#payments'] });
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await workspace?.close();
  });

  it('shows hostile text as text, fences as fences, buttons that nobody hears as disabled, and what a command is told', async () => {
    const web = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl });
    const hostile = '<script>window.ran=1</script> &lt;img src=x onerror=window.ran=2&gt; <javascript:window.ran=3|click>';
    await web.chat.postMessage({
      channel: '#mesh-alerts',
      text: 'root',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: '<img src=x onerror=window.ran=4>' } },
        { type: 'section', text: { type: 'mrkdwn', text: `${hostile}\n\`\`\`kubectl *get* pods\`\`\`` } },
        { type: 'actions', elements: [{ type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'Why' } }] },
      ],
    });
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    await page.goto(workspace.url);
    const message = page.getByTestId('message').first();
    expect(await message.locator('.header').innerText()).toBe('<img src=x onerror=window.ran=4>');
    expect(await message.innerText()).toContain('<img src=x onerror=window.ran=2>');
    expect(await message.locator('pre').innerText()).toBe('kubectl *get* pods');
    expect(await message.locator('script, img, a').count()).toBe(0);
    expect(await message.getByRole('button', { name: 'Why' }).isDisabled()).toBe(true);

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
    await page.close();
  });
});
