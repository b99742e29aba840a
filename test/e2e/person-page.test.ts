import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../cli/run.ts';
import { channel, startWorld, type World, withoutAlertmanager } from '../gestures/e2e-world.ts';

const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const withoutBrowser = existsSync(browserPath) ? '' : ` (skipped: no Chromium at ${browserPath}; CHROMIUM names another)`;
const skipped = withoutAlertmanager || withoutBrowser;

describe.skipIf(skipped !== '')(`an incident on a phone, from the first alert to the judgement${skipped}`, () => {
  let browser: Browser;
  let world: World;
  let ada: Page;
  let bo: Page;
  let sam: Page;
  const pageOf = async (person: string): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 }, timezoneId: 'UTC', locale: 'en-GB' });
    page.setDefaultTimeout(30_000);
    await page.goto(`${world.workspace.url}/?as=${person}`);
    await page.getByTestId('message').first().waitFor();
    return page;
  };
  const rootOn = (page: Page) => page.locator('#messages').getByTestId('message').first();
  const press = (page: Page, name: string | RegExp) => rootOn(page).getByRole('button', { name, exact: true }).click();
  const told = (page: Page, text: string | RegExp) => page.locator('.only-you').getByText(text).last().waitFor();
  const modal = () => ada.getByTestId('modal');
  const openThread = () => rootOn(ada).getByTestId('open-thread').click();
  const closeThread = () => ada.getByRole('button', { name: 'Close thread' }).click();

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
    world = await startWorld('Socket Mode', { PICTURES: 'true' });
    await world.fire();
    await world.root('"action_id":"acknowledge"');
    const { people } = world.workspace;
    [ada, bo, sam] = [await pageOf(people.ada), await pageOf(people.bo), await pageOf(people.sam)];
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('Ada says that she looks after it: its message says so, and Bo, whose page is behind, is told who was first', async () => {
    // Slack refuses the edit for a while, so that Bo still sees the old button.
    world.workspace.fail('chat.update', { kind: 'status', status: 429, retryAfter: 4 }, 1);
    await press(ada, /^Acknowledge/);
    await told(ada, 'You look after');
    await press(bo, /^Acknowledge/);
    await told(bo, 'was acknowledged already, by @ada');
    await rootOn(bo).getByText('Acknowledged by @ada').waitFor();
    await rootOn(ada).getByRole('button', { name: 'Unacknowledge' }).waitFor();
    expect(
      await rootOn(ada)
        .getByRole('button', { name: /^Acknowledge/ })
        .count(),
    ).toBe(0);
  }, 60_000);

  it('the form of a silence foretells what it hides, wants a reason, and loses nothing that was typed', async () => {
    await press(ada, 'Silence…');
    await modal().getByText('Hides 1 alert that fires now').waitFor();
    await modal().getByText('(1 h 00 min)').waitFor();
    await modal().getByLabel('severity = page').check();
    await modal().getByLabel('For how long').selectOption('30m');
    await modal().getByText('(30 min)').waitFor();
    const send = modal().getByRole('button', { name: 'Silence', exact: true });
    await send.click();
    await modal().getByText('Please complete this required field.').waitFor();
    await modal().getByLabel('Why').fill('  ');
    await send.click();
    await modal().getByText('Say why: whoever finds the silence later will want to know.').waitFor();
    expect(await modal().locator('.problem').count()).toBe(1);
    expect(await modal().getByLabel('Why').inputValue()).toBe('  ');
    expect(await modal().getByLabel('For how long').inputValue()).toBe('30m');
    expect(await modal().getByLabel('severity = page').isChecked()).toBe(true);
    expect(await world.silences()).toEqual([]);
    await modal().getByLabel('Why').fill('known fault, INC-12');
    await send.click();
    await expect.poll(() => modal().isVisible(), { timeout: 10_000 }).toBe(false);
    await rootOn(ada).getByText('known fault, INC-12').waitFor();
    const [made, ...others] = await world.silences();
    expect(others).toEqual([]);
    expect(made).toMatchObject({
      status: { state: 'active' },
      createdBy: `slack:${world.workspace.people.ada}`,
      comment: 'known fault, INC-12',
    });
    expect(made?.matchers.map(({ name, isRegex, isEqual }) => [name, isRegex, isEqual]).toSorted()).toEqual(
      [
        'alertname',
        'destination_service_name',
        'destination_service_namespace',
        'severity',
        'source_workload',
        'source_workload_namespace',
      ].map((name) => [name, false, true]),
    );
    await openThread();
    await ada.locator('#replies').getByText('Silenced by @ada until').waitFor();
    // Nothing of the channel stands through the thread, the menus of its messages least.
    const through = await ada.locator('#messages .menu > summary').evaluateAll(
      (menus) =>
        menus.filter((menu) => {
          const { x, y, width, height } = menu.getBoundingClientRect();
          return menu.ownerDocument.elementFromPoint(x + width / 2, y + height / 2) === menu;
        }).length,
    );
    expect(through).toBe(0);
    await closeThread();
  }, 90_000);

  it('the Home lists the silence, and ends it in Alertmanager', async () => {
    await ada.getByRole('button', { name: 'Home' }).click();
    const home = ada.locator('.home');
    await home.getByText('Silences about to end').waitFor();
    expect(await home.innerText()).toMatch(/checkout → payments until \d\d:\d\d \(in \d+ min\), by @ada: known fault, INC-12/);
    await home.getByRole('button', { name: 'Unsilence' }).click();
    await expect
      .poll(async () => (await world.silences()).map(({ status }) => status.state), { timeout: 10_000 })
      .toEqual(['expired']);
    await expect.poll(() => home.getByText('Silences about to end').count(), { timeout: 10_000 }).toBe(0);
    await ada.getByRole('button', { name: '# mesh-alerts' }).click();
    await openThread();
    await ada.locator('#replies').getByText('Silence ended by @ada').waitFor();
    await closeThread();
    expect(await rootOn(ada).getByRole('button', { name: 'Unsilence' }).count()).toBe(0);
  }, 60_000);

  it('the message leads to the Home with its incident first, where Ada takes it over and goes back to all', async () => {
    const home = ada.locator('.home');
    await rootOn(ada).getByRole('link', { name: 'Open in Home' }).click();
    await home.getByText('The incident you came from').waitFor();
    const [first] = await home.locator('.section, .block').filter({ hasText: 'checkout → payments' }).allInnerTexts();
    expect(first).toContain('acknowledged by @ada');
    await home.getByRole('button', { name: 'Unacknowledge' }).click();
    await home.getByText('Nobody looks after').waitFor();
    await home.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await home.getByText('You look after').waitFor();
    // Bo acts on the message meanwhile, and the Home that is open says so.
    await press(bo, 'Unacknowledge');
    await told(bo, 'Nobody looks after');
    await home.getByRole('button', { name: 'Acknowledge', exact: true }).waitFor();
    await home.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await home.getByText('You look after').waitFor();
    await home.getByRole('button', { name: 'All incidents' }).click();
    await expect.poll(() => home.getByText('The incident you came from').count(), { timeout: 10_000 }).toBe(0);
    await home.getByText('checkout → payments').first().waitFor();
    await ada.getByRole('button', { name: '# mesh-alerts' }).click();
    await rootOn(ada).getByText('Acknowledged by @ada').waitFor();
  }, 90_000);

  it('what Ada looked at alone she shows to all, a picture too', async () => {
    await press(ada, 'Drill down…');
    await ada.getByRole('button', { name: 'Response flags' }).click();
    await told(ada, 'Response flags and codes of');
    expect(await bo.getByText('Response flags and codes of').count()).toBe(0);
    await ada.getByRole('button', { name: 'Share in channel' }).click();
    await bo.getByText('Shared by @ada').waitFor();
    await bo.getByText('Response flags and codes of').waitFor();
    await ada.getByTestId('composer').fill('/mesh graph payments');
    await ada.keyboard.press('Enter');
    await told(ada, 'The picture is in your messages with Edgewise');
    const { workspace } = world;
    const [direct] = workspace.messages(workspace.people.ada).filter(({ files }) => files.length > 0);
    const link = await ada.getByRole('link', { name: 'open it' }).getAttribute('href');
    expect(link).toBe(`${workspace.url}/file/${direct?.files[0]}`);
    expect([...(workspace.file(direct?.files[0] ?? '')?.bytes ?? []).slice(1, 4)]).toEqual([...Buffer.from('PNG')]);
    const shared = () => workspace.messages(channel).filter(({ files, threadTs }) => threadTs === null && files.length > 0);
    expect(shared()).toEqual([]);
    await ada.getByRole('button', { name: 'Share in channel' }).last().click();
    await bo.locator('#messages .file img').waitFor();
    expect(shared()).toHaveLength(1);
  }, 120_000);

  it('Sam, of another organisation, looks and does nothing', async () => {
    await press(sam, 'Unacknowledge');
    await told(sam, 'People of another organisation may look, not acknowledge an incident.');
    await press(sam, 'Silence…');
    await told(sam, 'People of another organisation may look, not silence alerts.');
    expect(await sam.getByTestId('modal').isVisible()).toBe(false);
    await rootOn(sam).getByText('Acknowledged by @ada').waitFor();
    await rootOn(sam).getByRole('link', { name: 'Open in Home' }).click();
    await told(sam, 'The Home is for people of this workspace.');
    await sam.getByTestId('toast').getByText('sam has no Home here').waitFor();
  }, 60_000);

  it('it resolves: the message says so, and whether the right edge was named is asked, answered and counted', async () => {
    world.mend();
    await world.resolve();
    await rootOn(ada).getByText('Resolved: checkout → payments').waitFor();
    expect(await rootOn(ada).getByRole('button', { name: 'Unacknowledge' }).count()).toBe(0);
    await openThread();
    const card = ada.locator('#replies').getByTestId('message').filter({ hasText: 'Right edge' });
    await card.getByText('Peak: 25 % failing').waitFor();
    await card.getByRole('link', { name: 'Open in Home' }).click();
    await ada.locator('.home').getByText('Resolved: checkout → payments').waitFor();
    await ada.locator('.home').getByText('Peak: 25 % failing').waitFor();
    await ada.getByRole('button', { name: '# mesh-alerts' }).click();
    await openThread();
    await card.getByRole('button', { name: '👎 Wrong edge' }).waitFor();
    await card.getByRole('button', { name: '👍 Right edge' }).click();
    await ada.getByText('Noted: the right edge. Thank you.').waitFor();
    expect(world.logged.filter((line) => line.startsWith('error'))).toEqual([]);
    await world.stopBot();
    const judged = await run(['feedback', '--json'], { DATA_DIR: world.environment['DATA_DIR'] ?? '' });
    expect(JSON.parse(judged.out)).toEqual({ incidents: 1, right: 1, disputed: 0, precision: 1 });
  }, 90_000);
});
