import { type Digest, type DigestLine, isQuiet, linesIn } from '../../domain/digest.ts';
import type { Block, Message } from '../../domain/message.ts';
import type { BurnWindow } from '../../domain/slo/reading.ts';
import { percent } from '../../domain/words.ts';
import { context, header, section } from './blocks.ts';
import { dayAndTime, dayText } from './dates.ts';
import { linkText, ownLink } from './links.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import {
  attainmentText,
  badText,
  budgetBar,
  burnsText,
  eventsText,
  exhaustionText,
  leftText,
  methodText,
  notJudgedText,
  sloSign,
  spenderText,
} from './slo-words.ts';

/** What a digest's composer knows beside it. */
type DigestSetting = {
  readonly timeZone: string;
  /** Where the message of an incident stands; null where it is not known. */
  readonly linkOf: (incidentId: string) => string | null;
};

/** Objectives that the message tells of one by one; the rest are in its thread. */
const told = 6;
const pace: readonly BurnWindow[] = [3600, 86_400];
const notJudgedTold = 8;

const stateWords = ['breached', 'at risk', 'healthy', 'not judged'] as const;

/** "1 breached, 2 at risk, 11 healthy, 1 not judged" */
const headline = (digest: Digest): string => {
  const counts = [
    linesIn(digest, 'breached').length,
    linesIn(digest, 'at-risk').length,
    linesIn(digest, 'healthy').length,
    linesIn(digest, 'no-traffic', 'insufficient-data').length,
  ];
  const said = counts.flatMap((many, index) => (many === 0 ? [] : [`${many} ${stateWords[index]}`]));
  return said.length === 0 ? 'No SLOs are defined for this channel' : `SLOs: ${said.join(', ')}`;
};

const beforeWord = ({ rhythm }: Digest): string => (rhythm === 'daily' ? 'at the last digest' : 'a week ago');

/** "was 12 % left at the last digest"; null where it was the same to a hundredth, or nothing is known. */
const changeText = ({ before, standing: { left } }: DigestLine, digest: Digest): string | null => {
  if (before === null) return digest.lastAtMs === null ? null : 'new here';
  if (before.left === null) return `was not judged ${beforeWord(digest)}`;
  return left === null || Math.abs(left - before.left) < 0.01 ? null : `was ${leftText(before.left)} ${beforeWord(digest)}`;
};

const incidentLinks = (line: DigestLine, { linkOf }: DigestSetting): Mrkdwn | null => {
  const found = line.spenders.flatMap(({ incidents }) => incidents).slice(0, 2);
  const links = [...new Map(found.map((incident) => [incident.id, incident])).values()].map(({ id, title }) => {
    const address = linkOf(id);
    const link = address === null ? null : ownLink(title, address);
    return link === null ? mrkdwn`${title}` : linkText(link, 80);
  });
  return links.length === 0 ? null : mrkdwn`incident: ${raw(joined(links, ', '))}`;
};

/** One objective in three lines: how it stands, how it moves, what spent its budget. */
const lineText = (line: DigestLine, digest: Digest, setting: DigestSetting): Mrkdwn => {
  const { reading, standing, spenders } = line;
  const { slo } = reading;
  const left = standing.left ?? 0;
  const owner = slo.owner === null ? null : mrkdwn`${slo.owner}`;
  const moves = [
    changeText(line, digest),
    burnsText(standing, pace),
    exhaustionText(standing, digest.atMs, setting.timeZone),
    eventsText(reading, standing),
  ].filter((part) => part !== null);
  const [first] = spenders;
  return joined([
    joined([mrkdwn`${sloSign[standing.state]} *${slo.name}* ${attainmentText(reading)}`, owner], ' · '),
    mrkdwn`${budgetBar(left)} ${leftText(left)}`,
    moves.length === 0 ? null : mrkdwn`${moves.join(' · ')}`,
    first === undefined ? null : mrkdwn`spent by ${spenderText(first, reading, setting.timeZone)}`,
    incidentLinks(line, setting),
  ]);
};

/** Why some are not judged, each by its reason. */
const notJudged = (digest: Digest): Mrkdwn | null => {
  const lines = linesIn(digest, 'insufficient-data', 'no-traffic');
  if (lines.length === 0) return null;
  const said = lines
    .slice(0, notJudgedTold)
    .map(({ reading, standing }) => mrkdwn`⚪ *${reading.slo.name}*: ${notJudgedText(reading, standing)}`);
  const more = lines.length - notJudgedTold;
  return joined([ours('*Not judged*'), ...said, more > 0 ? mrkdwn`and ${more} more, in the thread` : null]);
};

/** The healthy ones in a line, with the one that has the least left. */
const healthy = (digest: Digest): Mrkdwn | null => {
  const lines = linesIn(digest, 'healthy');
  const [tightest] = lines;
  if (tightest === undefined) return null;
  const { reading, standing } = tightest;
  const least = mrkdwn`*${reading.slo.name}* has ${leftText(standing.left ?? 1)}`;
  return lines.length === 1 ? mrkdwn`✅ Healthy: ${raw(least)}` : mrkdwn`✅ ${lines.length} healthy; the tightest, ${raw(least)}`;
};

const lowest = (lines: readonly DigestLine[]): number => Math.min(...lines.map(({ reading }) => reading.coverage));

/** What the figures are: each way of counting once. */
const footer = (digest: Digest, zone: string): Mrkdwn => {
  const judged = linesIn(digest, 'breached', 'at-risk', 'healthy');
  const ways = [...new Set(judged.map(({ reading }) => `${methodText(reading)}; ${badText(reading)}`))];
  const last = digest.lastAtMs === null ? 'the first digest here' : `the last digest: ${dayAndTime(digest.lastAtMs, zone)}`;
  const scraped = judged.length === 0 ? [] : [`at least ${percent(Math.floor(lowest(judged) * 100) / 100)} scraped`];
  return joined([
    mrkdwn`${[`as of ${dayAndTime(digest.atMs, zone)}`, ...scraped, last].join(' · ')}`,
    ...ways.slice(0, 4).map((way) => mrkdwn`${way}`),
    ways.length > 4 ? mrkdwn`and ${ways.length - 4} more ways of counting, in the thread` : null,
  ]);
};

/** The digest of a channel: what is breached or at risk one by one, the rest in a line. Where nothing changed, one line in all. */
export const digestMessage = (digest: Digest, setting: DigestSetting): Message => {
  const zone = setting.timeZone;
  if (digest.lines.length > 0 && isQuiet(digest)) {
    const line = mrkdwn`✅ All ${digest.lines.length} SLOs are as they were ${beforeWord(digest)}: ${headline(digest).slice(6)} (${dayText(digest.atMs, zone)}).`;
    return { text: line, blocks: [section(line)] };
  }
  const urgent = linesIn(digest, 'breached', 'at-risk');
  const more = urgent.length - told;
  const [rest, calm] = [notJudged(digest), healthy(digest)];
  const blocks: readonly Block[] = [
    header(headline(digest)),
    ...urgent.slice(0, told).map((line) => section(lineText(line, digest, setting))),
    ...(more > 0 ? [context(mrkdwn`${more} more at risk or breached: in the thread`)] : []),
    ...(rest === null ? [] : [section(rest)]),
    ...(calm === null ? [] : [section(calm)]),
    context(footer(digest, zone)),
  ];
  const spoken = urgent
    .slice(0, 2)
    .map(({ reading, standing }) => mrkdwn`${reading.slo.name} ${attainmentText(reading)}, ${leftText(standing.left ?? 0)}`);
  return { text: joined([mrkdwn`${headline(digest)}`, ...spoken], '. '), blocks };
};
