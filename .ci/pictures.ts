/** Makes the pictures of the documentation: `node .ci/pictures.ts` runs the demo's parts and photographs its page with Chromium, which it needs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { scenarioNamed } from '../src/demo/mesh/faults.ts';
import { type Started, type Stops, startAll } from '../src/demo/start.ts';

const healthyMs = 15_000;
const settledMs = 1000;

/** A picture of the page as it is, in as many colours as it needs. */
const photograph = async (page: Page, name: string, scroll: () => Promise<void> = async () => undefined): Promise<void> => {
  // The menu of a message stands over its text where a pointer rests.
  await page.mouse.move(0, 0);
  await page.waitForTimeout(settledMs);
  // The page goes on by itself: it is brought into place last.
  await scroll();
  const png = await page.screenshot();
  writeFileSync(`docs/${name}.png`, await sharp(png).png({ palette: true, compressionLevel: 9, effort: 10 }).toBuffer());
};

const desktop = async (browser: Browser, url: string): Promise<void> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1.5, colorScheme: 'light' });
  await page.goto(url);
  const picture = page.getByTestId('thread').locator('img').first();
  await page.getByTestId('open-thread').first().click();
  await picture.waitFor();
  await picture.scrollIntoViewIfNeeded();
  await page.getByTestId('open-thread').first().scrollIntoViewIfNeeded();
  await page.waitForTimeout(settledMs);
  await page.screenshot({ path: 'docs/demo.png' });
  const answer = await fetch(`${url}${await picture.getAttribute('src')}`);
  writeFileSync('docs/golden-signals.png', Buffer.from(await answer.arrayBuffer()));
  await page.close();
};

const phoneOf = (browser: Browser, height: number): Promise<Page> =>
  browser.newPage({
    viewport: { width: 390, height },
    deviceScaleFactor: 2,
    colorScheme: 'light',
    timezoneId: 'UTC',
    locale: 'en-GB',
  });

/** What a person does to the first incident, each step as a phone shows it. */
const acts = async (browser: Browser, { workspace, live }: Started): Promise<void> => {
  const page = await phoneOf(browser, 844);
  const root = page.locator('#messages').getByTestId('message').first();
  const modal = page.getByTestId('modal');
  const toEnd = (place: string) =>
    page.locator(place).evaluate((node) => {
      node.scrollTop = node.scrollHeight;
    });
  await page.goto(workspace.url);
  await root.getByRole('button', { name: /^Acknowledge/ }).waitFor();
  await root.getByRole('button', { name: /^Acknowledge/ }).click();
  await root.getByRole('button', { name: 'Unacknowledge' }).waitFor();
  await root.getByRole('button', { name: 'Silence…' }).click();
  await modal.getByText('Hides 1 alert').waitFor();
  await modal.getByLabel('Why').fill('payments v2 is being rolled back, INC-12');
  await photograph(page, 'slack-silence');
  await modal.getByRole('button', { name: 'Silence', exact: true }).click();
  await root.getByRole('button', { name: 'Unsilence' }).waitFor();
  await page.setViewportSize({ width: 390, height: 1110 });
  await photograph(page, 'slack-incident', () => root.evaluate((node) => node.scrollIntoView()));
  await page.setViewportSize({ width: 390, height: 844 });
  await root.getByRole('link', { name: 'Open in Home' }).click();
  await page.getByText('The incident you came from').waitFor();
  await photograph(page, 'slack-home');
  await page.getByRole('button', { name: '# mesh-alerts' }).click();
  await root.getByRole('button', { name: 'Unsilence' }).click();
  await page.getByText('Silence ended').waitFor();
  await root.getByRole('button', { name: 'Drill down…' }).click();
  await page.getByRole('button', { name: 'Response flags' }).click();
  await page.getByRole('button', { name: 'Share in channel' }).waitFor();
  await photograph(page, 'slack-drill-down', () => toEnd('#messages'));
  await root.getByRole('button', { name: /^Refresh/ }).click();
  await page.getByText('was read again').waitFor();
  live.mend();
  await root.getByText('Resolved:').waitFor({ timeout: 240_000 });
  await root.getByTestId('open-thread').click();
  await page.getByRole('button', { name: '👍 Right edge' }).waitFor();
  await page.setViewportSize({ width: 390, height: 700 });
  await photograph(page, 'slack-resolved', () => toEnd('#replies'));
};

const folder = mkdtempSync(join(tmpdir(), 'edgewise-pictures-'));
const stops: Stops = [];
try {
  const started = await startAll(folder, 0, stops, new AbortController().signal);
  const { workspace, live } = started;
  const scenario = scenarioNamed('bad-version');
  if (scenario === null) throw new Error('the demo has no bad version any more');
  await new Promise((resolve) => setTimeout(resolve, healthyMs));
  live.breakIt(scenario);
  const pictures = () => workspace.messages('#mesh-alerts').filter(({ files }) => files.length > 0).length;
  if (!(await workspace.until(() => pictures() > 1, 240_000))) throw new Error('the demo showed no message with its pictures');
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  stops.push(() => browser.close());
  if (!process.argv.includes('--phone')) await desktop(browser, workspace.url);
  await acts(browser, started);
} finally {
  for (const stop of stops.toReversed()) await stop().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
