import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { formatMistakes, readSettings } from '../../src/config.ts';
import { freePort } from '../../src/demo/engine-process.ts';
import { serve } from '../../src/main.ts';
import { startWorkspace } from '../../src/workspace/workspace.ts';
import { answering, environmentOf, startSource, textOf } from '../support/bot.ts';

const channel = '#shop';
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const files = (folder: string): Readonly<Record<string, string>> => {
  const [objectives, config] = [join(folder, 'slos.yaml'), join(folder, 'edgewise.yaml')];
  const objective = `{name: payments-availability, service: shop/payments, availability: 99.9, window: 30d, channel: "${channel}"}`;
  writeFileSync(objectives, `edgewise: slos/v1\nslos:\n  - ${objective}\n`);
  writeFileSync(config, `digests: [{ channel: '${channel}', rhythm: weekly }]\n`);
  return { SLO_FILES: objectives, CONFIG_FILE: config };
};

describe('a digest that somebody asks for in Slack', () => {
  it('is previewed to them alone; a subscription and its end are told to the channel, and stand in the Home', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgewise-digest-'));
    stops.push(async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    const source = await startSource();
    stops.push(source.close);
    source.answer(answering([]));
    const workspace = await startWorkspace({ channels: ['#mesh-alerts', channel], isStrict: false });
    stops.push(workspace.close);
    const { ada, bo } = workspace.people;
    const more = { ...files(folder), SLACK_APP_TOKEN: workspace.appToken };
    const environment = environmentOf(workspace, source.url, join(folder, 'data'), await freePort(), more);
    const read = readSettings(environment, 'serve');
    if (!read.ok) throw new Error(formatMistakes(read.mistakes));
    const bot = await serve(read.config, environment, () => undefined);
    stops.push(bot.stop);
    const says = async (words: string, find: () => readonly string[]): Promise<string> => {
      await workspace.until(() => find().some((text) => text.includes(words)), 20_000);
      return find().find((text) => text.includes(words)) ?? `nothing says “${words}”: ${find().join('\n')}`;
    };
    const inChannel = () =>
      workspace
        .messages(channel)
        .filter(({ ephemeralFor }) => ephemeralFor === null)
        .map(textOf);
    const toldTo = (person: string) => () => workspace.ephemerals(person).map(textOf);

    // Until its connection stands, nobody hears a command.
    for (let tries = 0; tries < 40; tries += 1) {
      if (!(await workspace.command('/mesh digest', channel, ada)).text.includes('could not be reached')) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(await says('A preview', toldTo(ada))).toContain('payments-availability');
    await workspace.command('/mesh digest subscribe at 9:00 in Europe/Berlin', channel, ada);
    expect(await says('daily digest', inChannel)).toMatch(/The next one comes \w+ \d+ \w+ 09:00 Europe\/Berlin/);
    await workspace.command('/mesh digest unsubscribe weekly', channel, bo);
    expect(await says('stands in the configuration', toldTo(bo))).toContain('digests in CONFIG_FILE');
    await workspace.command('/mesh digest unsubscribe', channel, bo);
    expect(await says('ended the', inChannel)).toContain(`<@${bo}>`);
    await workspace.openHome(ada);
    await workspace.until(() => JSON.stringify(workspace.home(ada)?.blocks ?? []).includes('*Digests*'), 20_000);
    const home = JSON.stringify(workspace.home(ada)?.blocks ?? []);
    expect(home).toContain('*Objectives*');
    expect(home).toMatch(/#shop: weekly of the objectives of the channel, next Mon/);
    // What was for Ada alone never stood in the channel.
    expect(inChannel().filter((text) => text.includes('A preview'))).toEqual([]);
  }, 90_000);
});
