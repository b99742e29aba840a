import type { Digest, DigestLine } from '../../domain/digest.ts';
import type { Message } from '../../domain/message.ts';
import { attainedText, objectiveText } from '../../domain/slo/objective.ts';
import type { BurnWindow } from '../../domain/slo/reading.ts';
import type { SloState } from '../../domain/slo/standing.ts';
import { windowText } from '../../domain/slo/window.ts';
import { count, middleCut, percent } from '../../domain/words.ts';
import { context, section, table } from './blocks.ts';
import { mrkdwn, ours } from './mrkdwn.ts';
import { burnText } from './slo-words.ts';

const stateWords: Readonly<Record<SloState, string>> = {
  breached: 'breached',
  'at-risk': 'at risk',
  healthy: 'healthy',
  'no-traffic': 'no traffic',
  'insufficient-data': 'not judged',
};

/** What a phone shows without a swipe comes first. */
const columns = ['SLO', 'Left', 'Change', 'Attained', 'Of', '1 h', '6 h', '1 d', '3 d', 'Bad', 'Requests', 'State', 'Window'];
const rightAligned = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const burns: readonly BurnWindow[] = [3600, 21_600, 86_400, 259_200];
/** A table has at most 100 rows, its head among them (docs.slack.dev, "Table block"). */
const most = 99;

/** A cell ends there: both ends of a name tell objectives apart. */
const nameLimit = 78;

const leftOf = ({ standing: { left } }: DigestLine): string =>
  left === null ? '–' : `${left < 0 ? '−' : ''}${percent(Math.abs(left))}`;

const changeOf = ({ before, standing: { left } }: DigestLine): string => {
  if (before?.left == null || left === null) return '–';
  const points = (left - before.left) * 100;
  return `${points > 0 ? '+' : ''}${Number(points.toFixed(1))} pp`.replace('-', '−');
};

const cellsOf = (line: DigestLine): readonly string[] => {
  const { reading, standing } = line;
  const { slo, whole } = reading;
  const burn = (window: BurnWindow): string => {
    const value = standing.burn.get(window);
    return value === undefined ? '–' : burnText(value);
  };
  return [
    middleCut(slo.name, nameLimit),
    leftOf(line),
    changeOf(line),
    whole === null || standing.left === null ? '–' : attainedText(whole.ratio, slo.objectivePpm),
    objectiveText(slo.objectivePpm),
    ...burns.map(burn),
    whole?.events == null ? '–' : count(whole.events.bad),
    whole?.events == null ? '–' : count(whole.events.total),
    stateWords[standing.state],
    windowText(slo.window),
  ];
};

/** Every objective with its figures, for the thread of a digest. */
export const digestTable = (digest: Digest): Message => {
  const rows = digest.lines.map(cellsOf);
  const more = rows.length - most;
  return {
    text: rows.length === 1 ? ours('The SLO with its figures') : mrkdwn`All ${rows.length} SLOs with their figures`,
    blocks: [
      section(ours('*All SLOs*')),
      table([columns, ...rows.slice(0, most)], rightAligned),
      context(
        more > 0
          ? mrkdwn`1 h to 3 d: burn, 1× spends exactly the budget · ${more} more SLOs`
          : ours('1 h to 3 d: burn, 1× spends exactly the budget'),
      ),
    ],
  };
};
