/** Makes the pictures of the documentation: `node .ci/pictures.ts` runs the demo and photographs its page with Chromium. Needs `chromium` on PATH. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { freePort } from '../src/demo/engine-process.ts';

const port = await freePort();
const demo = spawn(process.execPath, ['src/entry.cjs', 'demo', '--port', String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
let said = '';
demo.stdout.on('data', (chunk: Buffer) => {
  said += chunk.toString();
  process.stdout.write(chunk);
});
const ended = once(demo, 'exit');
try {
  const giveUpMs = Date.now() + 240_000;
  while (!said.includes('Ctrl-C ends everything')) {
    if (demo.exitCode !== null || Date.now() > giveUpMs) throw new Error('the demo showed no message');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1.5, colorScheme: 'light' });
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.getByTestId('open-thread').first().click();
    await page.getByTestId('thread').locator('img').first().waitFor();
    await page.getByTestId('thread').locator('img').first().scrollIntoViewIfNeeded();
    await page.getByTestId('open-thread').first().scrollIntoViewIfNeeded();
    await page.waitForTimeout(1000);
    await page.screenshot({ path: 'docs/demo.png' });
    const src = await page.getByTestId('thread').locator('img').first().getAttribute('src');
    const answer = await fetch(`http://127.0.0.1:${port}${src}`);
    writeFileSync('docs/golden-signals.png', Buffer.from(await answer.arrayBuffer()));
  } finally {
    await browser.close();
  }
} finally {
  demo.kill('SIGTERM');
  await ended;
}
