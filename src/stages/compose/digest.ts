import { type Digest, type DigestLine, isQuiet, linesIn } from '../../domain/digest.ts';
import type { Block, Message } from '../../domain/message.ts';
import type { BurnWindow } from '../../domain/slo/reading.ts';
import type { SloStanding } from '../../domain/slo/standing.ts';
import { percent } from '../../domain/words.ts';
import { context, header, section } from './blocks.ts';
import { dayAndTime, dayText } from './dates.ts';
import { gapLines } from './footer.ts';
import { linkText, ownLink } from './links.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import {
  attainmentText,
  badAllowedText,
  badText,
  budgetBar,
  burnsText,
  burnText,
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

/** Objectives that the message tells of whole, as many as its picture shows; so many more in a line each; the rest are in its thread. */
const told = { whole: 3, short: 7 } as const;
const pace: readonly BurnWindow[] = [3600, 86_400];
/** Reasons why some are not judged, and names for each. */
const notJudgedTold = { reasons: 4, names: 3 } as const;
const waysTold = { methods: 3, bads: 3 } as const;

const stateWords = ['breached', 'at risk', 'healthy', 'not judged'] as const;

/** "1 breached, 2 at risk, 11 healthy, 1 not judged" */
const countsText = (digest: Digest): string => {
  const counts = [
    linesIn(digest, 'breached').length,
    linesIn(digest, 'at-risk').length,
    linesIn(digest, 'healthy').length,
    linesIn(digest, 'no-traffic', 'insufficient-data').length,
  ];
  return counts.flatMap((many, index) => (many === 0 ? [] : [`${many} ${stateWords[index]}`])).join(', ');
};

const headline = (digest: Digest): string => {
  if (digest.lines.length > 0) return `SLOs: ${countsText(digest)}`;
  return digest.gaps === undefined ? 'No SLOs are defined for this channel' : 'SLOs: not known';
};

const beforeWord = ({ rhythm }: Digest): string => (rhythm === 'daily' ? 'at the last digest' : 'a week ago');

/** "was 41 %": at the last digest, whose time stands below; null where it was the same to a hundredth, or nothing is known. */
const changeText = ({ before, standing: { left } }: DigestLine, digest: Digest): string | null => {
  if (before === null) return digest.lastAtMs === null ? null : 'new here';
  if (before.left === null) return 'was not judged';
  return left === null || Math.abs(left - before.left) < 0.01
    ? null
    : `was ${before.left < 0 ? leftText(before.left) : percent(before.left)}`;
};

/** "burns 7.2× over 1 h and 1 d"; "burns only 0.2× now" where that is less than the budget's own pace. */
const paceText = ({ burn }: SloStanding): string | null => {
  const known = pace.flatMap((window) => burn.get(window) ?? []);
  if (known.length === 0) return null;
  const most = Math.max(...known);
  if (most >= 1) return burnsText({ burn }, pace);
  return most < 0.05 ? 'not burning now' : `burns only ${burnText(most)} now`;
};

const incidentLinks = (line: DigestLine, { linkOf }: DigestSetting): Mrkdwn | null => {
  const found = line.spenders.flatMap(({ incidents }) => incidents).slice(0, 2);
  const links = [...new Map(found.map((incident) => [incident.id, incident])).values()].map(({ id, title }) => {
    const address = linkOf(id);
    const link = address === null ? null : ownLink(title, address);
    return link === null ? mrkdwn`${title}` : linkText(link, 80);
  });
  return links.length === 0 ? null : mrkdwn`Incident: ${raw(joined(links, ', '))}`;
};

const said = (parts: readonly (string | null)[]): Mrkdwn | null => {
  const kept = parts.filter((part) => part !== null);
  return kept.length === 0 ? null : mrkdwn`${kept.join(' · ')}`;
};

/** One objective: how it stands, whether it goes on, of how many requests, what spent its budget. */
const lineText = (line: DigestLine, digest: Digest, setting: DigestSetting): Mrkdwn => {
  const { reading, standing, spenders } = line;
  const { slo } = reading;
  const left = standing.left ?? 0;
  const [first] = spenders;
  const change = changeText(line, digest);
  return joined([
    mrkdwn`${sloSign[standing.state]} *${slo.name}*${raw(slo.owner === null ? ours('') : mrkdwn` · ${slo.owner}`)}`,
    mrkdwn`${budgetBar(left)} *${leftText(left)}*${raw(change === null ? ours('') : mrkdwn`, ${change}`)}`,
    said([paceText(standing), exhaustionText(standing, digest.atMs, setting.timeZone)]),
    said([attainmentText(reading), badAllowedText(reading, standing)]),
    first === undefined ? null : mrkdwn`Spent by ${spenderText(first, reading, setting.timeZone)}`,
    incidentLinks(line, setting),
  ]);
};

/** The same in a line. */
const shortText = ({ reading: { slo }, standing }: DigestLine): Mrkdwn =>
  mrkdwn`${sloSign[standing.state]} *${slo.name}* ${leftText(standing.left ?? 0)}${standing.burning === null ? '' : ', burning fast'}`;

/** Those of a reason together. */
const byReason = (lines: readonly DigestLine[]): ReadonlyMap<string, readonly string[]> => {
  const reasons = new Map<string, string[]>();
  for (const { reading, standing } of lines) {
    const reason = notJudgedText(reading, standing);
    reasons.set(reason, [...(reasons.get(reason) ?? []), reading.slo.name]);
  }
  return reasons;
};

/** Why some are not judged, each reason once. */
const notJudged = (digest: Digest): Mrkdwn | null => {
  const reasons = [...byReason(linesIn(digest, 'insufficient-data', 'no-traffic'))];
  if (reasons.length === 0) return null;
  const lines = reasons.slice(0, notJudgedTold.reasons).map(([reason, names]) => {
    const named = names.slice(0, notJudgedTold.names).map((name) => mrkdwn`*${name}*`);
    const others = names.length - named.length;
    const more = others > 0 ? ours(` and ${others} more`) : ours('');
    return mrkdwn`⚪ ${raw(joined(named, ', '))}${raw(more)}: ${reason}`;
  });
  const rest = reasons.slice(notJudgedTold.reasons).reduce((sum, [, names]) => sum + names.length, 0);
  return joined([ours('*Not judged*'), ...lines, rest > 0 ? mrkdwn`and ${rest} more, in the thread` : null]);
};

/** "the tightest, payments-latency, has 55 % left" */
const tightestText = ({ reading, standing }: DigestLine): Mrkdwn =>
  mrkdwn`the tightest, *${reading.slo.name}*, has ${leftText(standing.left ?? 1)}`;

/** The healthy ones in a line, with the one that has the least left. */
const healthy = (digest: Digest): Mrkdwn | null => {
  const lines = linesIn(digest, 'healthy');
  const [tightest] = lines;
  if (tightest === undefined) return null;
  const { reading, standing } = tightest;
  return lines.length === 1
    ? mrkdwn`✅ Healthy: *${reading.slo.name}* has ${leftText(standing.left ?? 1)}`
    : mrkdwn`✅ ${lines.length} healthy; ${raw(tightestText(tightest))}`;
};

/** Nothing to act on, and all as it was: "all 12 SLOs healthy, as at the last digest; the tightest, …". */
const quietText = (digest: Digest, zone: string): Mrkdwn => {
  const calm = linesIn(digest, 'healthy');
  const [tightest] = calm;
  const { length } = digest.lines;
  const all = length === 1 ? 'the SLO' : `all ${length} SLOs`;
  const stand =
    calm.length === length ? `${all} healthy, as ${beforeWord(digest)}` : `as ${beforeWord(digest)}, ${countsText(digest)}`;
  const end = tightest === undefined || length === 1 ? ours('') : mrkdwn`; ${raw(tightestText(tightest))}`;
  return mrkdwn`✅ ${dayText(digest.atMs, zone)}: ${stand}${raw(end)}`;
};

/** Of the one that was scraped least. */
const scrapedText = (lines: readonly DigestLine[]): string | null => {
  if (lines.length === 0) return null;
  const least = Math.min(...lines.map(({ reading }) => reading.coverage));
  return least >= 1 ? 'scraped without a gap' : `at least ${percent(Math.floor(least * 100) / 100)} scraped`;
};

/** What the figures are: each way of counting once, with all that is bad by it. */
const waysOf = (lines: readonly DigestLine[]): readonly string[] => {
  const ways = new Map<string, string[]>();
  for (const { reading } of lines) {
    const [method, bad] = [methodText(reading), badText(reading)];
    const known = ways.get(method) ?? [];
    if (!known.includes(bad)) ways.set(method, [...known, bad]);
  }
  return [...ways].map(([method, bads]) => {
    const more = bads.length - waysTold.bads;
    const named = bads.slice(0, waysTold.bads).join(', or ').replaceAll(', or bad = ', ', or ');
    return `${method}; ${named}${more > 0 ? `, or by ${more} more measures` : ''}`;
  });
};

const footer = (digest: Digest, zone: string): Mrkdwn => {
  const judged = linesIn(digest, 'breached', 'at-risk', 'healthy');
  const ways = waysOf(judged);
  const more = ways.length - waysTold.methods;
  const last = digest.lastAtMs === null ? 'the first digest here' : `the last digest: ${dayAndTime(digest.lastAtMs, zone)}`;
  return joined([
    said([`as of ${dayAndTime(digest.atMs, zone)}`, scrapedText(judged), last]),
    ...ways.slice(0, waysTold.methods).map((way) => mrkdwn`${way}`),
    more > 0 ? mrkdwn`and ${more} more ways of counting` : null,
  ]);
};

/** What to do about a digest of nothing; or why nobody knows whether there is anything. */
const nothingText = ({ gaps }: Digest): Mrkdwn =>
  gaps === undefined
    ? ours('Give an objective this channel in its file (`channel`), or leave it out of all of them.')
    : joined([ours('No file defines one for this channel, and what rules record could not be read.'), ...gapLines(gaps)]);

/** The digest of a channel: what is breached or at risk one by one, the rest in a line. Where nothing changed, one line in all. */
export const digestMessage = (digest: Digest, setting: DigestSetting): Message => {
  const zone = setting.timeZone;
  if (digest.lines.length > 0 && isQuiet(digest)) {
    const line = quietText(digest, zone);
    return { text: line, blocks: [section(line)] };
  }
  const urgent = linesIn(digest, 'breached', 'at-risk');
  const short = urgent.slice(told.whole, told.whole + told.short);
  const more = urgent.length - told.whole - short.length;
  const [rest, calm] = [notJudged(digest), healthy(digest)];
  const blocks: readonly Block[] = [
    header(headline(digest)),
    ...(digest.lines.length === 0 ? [section(nothingText(digest))] : []),
    ...urgent.slice(0, told.whole).map((line) => section(lineText(line, digest, setting))),
    ...(short.length > 0 ? [section(joined(short.map(shortText)))] : []),
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
