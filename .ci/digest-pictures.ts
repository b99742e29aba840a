/**
 * Makes the pictures of a digest for the documentation: `node .ci/digest-pictures.ts` posts a made-up one into the local workspace and photographs it
 * with Chromium, which it needs. Its coloured signs need a font of emoji.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { slackCalls } from '../src/adapters/slack/calls.ts';
import { type PictureFile, sharePicture } from '../src/adapters/slack/pictures.ts';
import { slackWeb } from '../src/adapters/slack/web.ts';
import { systemClock } from '../src/adapters/system/clock.ts';
import { vegaRenderer } from '../src/adapters/vega/renderer.ts';
import type { Message } from '../src/domain/message.ts';
import { digestMessage } from '../src/stages/compose/digest.ts';
import { digestTable } from '../src/stages/compose/digest-table.ts';
import { startWorkspace, type Workspace } from '../src/workspace/workspace.ts';
import { sampleBudgets, sampleDigest, sampleZone } from '../test/support/digest-sample.ts';

const channelName = '#mesh-alerts';
const settledMs = 1000;
const where = { timezoneId: 'UTC', locale: 'en-GB' } as const;

const photograph = async (page: Page, name: string): Promise<void> => {
  await page.mouse.move(0, 0);
  await page.waitForTimeout(settledMs);
  const png = await page.screenshot();
  writeFileSync(`docs/${name}.png`, await sharp(png).png({ palette: true, compressionLevel: 9, effort: 10 }).toBuffer());
};

/** The message, and in its thread the table and the picture: as a channel gets them. */
const post = async (workspace: Workspace, picture: PictureFile): Promise<void> => {
  const web = slackWeb({ token: workspace.botToken, apiUrl: workspace.apiUrl, fetch });
  const calls = slackCalls(web, systemClock, { onCall: () => undefined, onWait: () => undefined });
  const channel = workspace.channel(channelName)?.id ?? '';
  const send = async ({ text, blocks }: Message, threadTs: string | null): Promise<string> => {
    const told = { channel, text, blocks: JSON.stringify(blocks), ...(threadTs === null ? {} : { thread_ts: threadTs }) };
    return String((await calls.call('chat.postMessage', told))['ts']);
  };
  const digest = sampleDigest();
  const root = await send(digestMessage(digest, { timeZone: sampleZone, linkOf: () => `${workspace.url}/archives/C1/p1` }), null);
  // Slack takes a message a second in a channel.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await send(digestTable(digest), root);
  await sharePicture(calls, fetch, picture, { channel, threadTs: root });
};

const phone = async (browser: Browser, url: string): Promise<void> => {
  const page = await browser.newPage({
    viewport: { width: 390, height: 1050 },
    deviceScaleFactor: 2,
    colorScheme: 'light',
    ...where,
  });
  await page.goto(url);
  const root = page.locator('#messages').getByTestId('message').first();
  await root.waitFor();
  await root.evaluate((node) => node.scrollIntoView());
  await photograph(page, 'slack-digest');
  await page.setViewportSize({ width: 390, height: 844 });
  await root.getByTestId('open-thread').click();
  const picture = page.getByTestId('thread').locator('img').first();
  await picture.waitFor();
  await page.waitForTimeout(settledMs);
  await picture.evaluate((node) => node.scrollIntoView({ block: 'end' }));
  await photograph(page, 'slack-digest-thread');
  await page.close();
};

const desktop = async (browser: Browser, url: string): Promise<void> => {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 860 },
    deviceScaleFactor: 1.5,
    colorScheme: 'light',
    ...where,
  });
  await page.goto(url);
  await page.locator('#messages').getByTestId('open-thread').first().click();
  const picture = page.getByTestId('thread').locator('img').first();
  await picture.waitFor();
  await page.waitForTimeout(settledMs);
  await picture.evaluate((node) => node.scrollIntoView({ block: 'end' }));
  await photograph(page, 'digest');
  await page.close();
};

const folder = mkdtempSync(join(tmpdir(), 'edgewise-digest-'));
const charts = await vegaRenderer({ environment: process.env, deadlineMs: 10_000 });
const workspace = await startWorkspace({ channels: [channelName] });
try {
  const spec = sampleBudgets();
  if (spec === null) throw new Error('the sample of a digest draws no budget');
  await post(workspace, await charts.draw(spec));
  // The bundled fonts, which the renderer has put there, and where fonts of emoji are: Debian's package, or a folder of the reader's.
  const fonts = join(folder, 'fonts.conf');
  const places = `<include>${process.env['FONTCONFIG_FILE']}</include><dir>/usr/share/fonts/truetype/noto</dir><dir prefix="xdg">fonts</dir>`;
  writeFileSync(fonts, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${places}</fontconfig>`);
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
    env: { ...process.env, FONTCONFIG_FILE: fonts } as Record<string, string>,
  });
  try {
    await phone(browser, workspace.url);
    await desktop(browser, workspace.url);
  } finally {
    await browser.close();
  }
} finally {
  await workspace.close();
  await charts.close();
  rmSync(folder, { recursive: true, force: true });
}
