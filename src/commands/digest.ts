import { systemClock } from '../adapters/system/clock.ts';
import type { Config } from '../config.ts';
import { digest } from '../digest.ts';
import { type DigestSubscription, isSameChannel } from '../domain/digest-subscription.ts';
import { openSources, uncounted } from '../sources.ts';
import { clean } from '../stages/compose/mrkdwn.ts';
import { sloJson } from '../stages/compose/slo-json.ts';
import { spoken } from '../stages/compose/spoken.ts';
import { forgottenDays, openRenderer } from './ask.ts';
import { openFolder, readMoment } from './inputs.ts';
import { writeInto } from './output.ts';
import { jsonText, print, UsageError } from './usage.ts';

export type DigestOptions = {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly at?: string;
  readonly out?: string;
  readonly channel?: string;
  readonly weekly?: boolean;
};

type Wanted = Pick<DigestSubscription, 'channel' | 'channelName' | 'choice' | 'zone'>;

/** What the configuration says of a channel, else its own objectives; without a channel all of them. */
const wantedBy = (
  { objectives, timeZone: zone }: Pick<Config, 'objectives' | 'timeZone'>,
  channel: string | undefined,
  rhythm: DigestSubscription['rhythm'],
): Wanted => {
  if (channel === undefined) return { channel: '', channelName: null, choice: { kind: 'names', names: ['*'] }, zone };
  const place = { channel, channelName: null };
  const configured = objectives.digests.find((one) => one.rhythm === rhythm && isSameChannel(one, place));
  return configured ?? { ...place, choice: { kind: 'own' }, zone };
};

/** `edgewise digest --dry-run`: the digest of all objectives, or of a channel, as it would be told, without telling it. */
export const digestCommand = async (config: Config, options: DigestOptions): Promise<void> => {
  const { dryRun, json, at, out, channel } = options;
  if (dryRun !== true) throw new UsageError('a digest is only shown, with --dry-run: nothing sends one from the command line');
  const atMs = readMoment(at) ?? systemClock.nowMs();
  const folder = out === undefined ? null : openFolder(out);
  const sources = openSources(config, { clock: systemClock, ...uncounted });
  const charts = folder === null ? null : await openRenderer(config);
  try {
    const clusters = sources.map(({ cluster }) => cluster);
    const { slos } = config.objectives;
    const objectives = { home: clusters[0]?.name ?? '', slos, days: forgottenDays };
    const rhythm = options.weekly === true ? 'weekly' : 'daily';
    const wanted = wantedBy(config, channel, rhythm);
    const world = { clusters, objectives, charts, timeZone: wanted.zone, linkOf: () => null };
    const told = await digest(world, wanted, { atMs, lastAtMs: null, rhythm, memory: [] });
    print(json ? jsonText(told.answers.map(sloJson)) : spoken(told.message));
    if (told.answers.length === 0) process.exitCode = 1;
    if (folder === null) return;
    writeInto(folder, 'message.json', `${JSON.stringify({ message: told.message, thread: told.thread }, null, 2)}\n`);
    const picture = await told.picture;
    if (picture === null) return;
    writeInto(folder, `${picture.name}.png`, picture.png);
    if (!json) print(`\n${picture.name}.png: ${clean(picture.altText, 1000)}`);
  } finally {
    await charts?.close();
    await Promise.all(sources.map(({ close }) => close()));
  }
};
