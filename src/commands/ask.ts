import { systemClock } from '../adapters/system/clock.ts';
import { ask } from '../ask.ts';
import type { Reply } from '../asking.ts';
import type { Config } from '../config.ts';
import type { ChartRenderer, SloDays } from '../ports.ts';
import { openSources, uncounted } from '../sources.ts';
import { reportJson } from '../stages/compose/json.ts';
import { clean } from '../stages/compose/mrkdwn.ts';
import { spoken } from '../stages/compose/spoken.ts';
import { diagnose } from '../stages/diagnose/index.ts';
import { openCharts, settingsFrom } from '../wiring.ts';
import { openFolder } from './inputs.ts';
import { writeInto } from './output.ts';
import { jsonText, print } from './usage.ts';

export type AskOptions = { readonly json?: boolean; readonly out?: string };

/** The renderer for a command: what it has to say goes to standard error. */
export const openRenderer = (config: Config): Promise<ChartRenderer | null> =>
  openCharts(config, process.env, (_level, event, fields) => {
    const error = fields?.['error'];
    process.stderr.write(`${event}: ${error instanceof Error ? error.message : String(error)}\n`);
  });

const say = ({ message, evidence, json }: Reply, isJson: boolean): void => {
  if (isJson && evidence !== null) print(JSON.stringify(reportJson({ evidence, diagnosis: diagnose(evidence) }), null, 2));
  else print(isJson ? jsonText(json ?? message) : spoken(message));
};

/** With JSON standard output is for the machine. */
const keepPicture = async (folder: string, reply: Reply, isJson: boolean): Promise<void> => {
  const picture = await reply.picture;
  if (picture === null) return;
  const file = `${picture.name}.png`;
  writeInto(folder, file, picture.png);
  const told = `${file}: ${clean(picture.altText, 1000)}`;
  if (isJson) process.stderr.write(`${told}\n`);
  else print(`\n${told}`);
};

/** A command keeps nothing: what it counts it asks for. */
export const forgottenDays: SloDays = { known: async () => [], keep: async () => undefined };

/** What may be asked in Slack, on the command line. Ends with 1 where there is nothing to show, with 2 where the words are not understood. */
export const askCommand = async (words: readonly string[], options: AskOptions, config: Config): Promise<void> => {
  const folder = options.out === undefined ? null : openFolder(options.out);
  const isJson = options.json === true;
  const sources = openSources(config, { clock: systemClock, ...uncounted });
  const charts = folder === null ? null : await openRenderer(config);
  try {
    const clusters = sources.map(({ cluster }) => cluster);
    // A shell may have been told to keep `checkout → payments` together; no name holds a space.
    const objectives = { home: clusters[0]?.name ?? '', slos: config.objectives.slos, days: forgottenDays };
    const world = { clusters, clock: systemClock, charts, settingOf: settingsFrom(config), objectives };
    const reply = await ask(world, words.join(' '));
    process.exitCode = { answered: 0, 'not-found': 1, unclear: 2 }[reply.ending];
    say(reply, isJson);
    if (folder !== null) await keepPicture(folder, reply, isJson);
  } finally {
    await charts?.close();
    await Promise.all(sources.map(({ close }) => close()));
  }
};
