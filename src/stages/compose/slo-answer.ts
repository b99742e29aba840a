import type { Block, Message } from '../../domain/message.ts';
import { type BurnWindow, burnWindows, type SloReading } from '../../domain/slo/reading.ts';
import { type Spender, spentBy } from '../../domain/slo/spenders.ts';
import type { SloStanding } from '../../domain/slo/standing.ts';
import { percent } from '../../domain/words.ts';
import { context, header, section } from './blocks.ts';
import { dayAndTime } from './dates.ts';
import { gapLines } from './footer.ts';
import { joined, type Mrkdwn, mrkdwn } from './mrkdwn.ts';
import {
  attainmentText,
  badText,
  budgetBar,
  burnsText,
  burnWindowText,
  eventsText,
  exhaustionText,
  leftText,
  methodText,
  notJudgedText,
  sloSign,
  spenderText,
} from './slo-words.ts';

/** One objective with what it means and what spent its budget. */
export type SloAnswer = { readonly reading: SloReading; readonly standing: SloStanding; readonly spenders: readonly Spender[] };

const isJudged = ({ standing }: SloAnswer): boolean => standing.left !== null;

const standsText = (answer: SloAnswer): string => {
  const { reading, standing } = answer;
  return isJudged(answer) ? leftText(standing.left ?? 0) : `not judged: ${notJudgedText(reading, standing)}`;
};

/** "burning now: 14.4× is passed over 1 h and 5 min": what the alert of the same windows would say. */
const burningText = ({ standing: { burning, burn } }: SloAnswer): string | null => {
  if (burning === null) return null;
  const [long, short] = [burning.longSeconds, burning.shortSeconds] as const;
  const value = burn.get(long as BurnWindow);
  const fast = value === undefined ? '' : ` (${Number(value.toFixed(1))}×)`;
  const who = burning.severity === 'page' ? 'fast enough to page' : 'fast enough to look at today';
  return `burning ${who}: over ${burnWindowText(long as BurnWindow)} and ${burnWindowText(short as BurnWindow)}${fast}`;
};

const dimensions = ['caller', 'ending', 'version'] as const;
const parts = 3;

/** "by version: v2 91 %, v1 9 %"; null where there is but one. */
const splitText = (reading: SloReading, dimension: (typeof dimensions)[number]): string | null => {
  const found = spentBy(reading, dimension);
  if (found.length < 2) return null;
  const said = found.slice(0, parts).map(({ name, share }) => `${name} ${percent(share)}`);
  const more = found.length - parts;
  return `by ${dimension}: ${said.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const spentText = ({ reading, spenders }: SloAnswer, zone: string): Mrkdwn | null =>
  spenders.length === 0
    ? null
    : joined([
        mrkdwn`*What spent it*`,
        ...spenders.map((spender) => mrkdwn`•  ${spenderText(spender, reading, zone)}`),
        ...spenders.flatMap(({ incidents }) => incidents.slice(0, 2).map(({ title }) => mrkdwn`•  incident: ${title}`)),
        ...dimensions.map((dimension) => {
          const split = splitText(reading, dimension);
          return split === null ? null : mrkdwn`${split}`;
        }),
      ]);

const footer = ({ reading }: SloAnswer, zone: string): Mrkdwn =>
  joined([
    joined(
      [
        mrkdwn`as of ${dayAndTime(reading.atMs, zone)}`,
        mrkdwn`${methodText(reading)}`,
        mrkdwn`${badText(reading)}`,
        mrkdwn`${percent(Math.floor(reading.coverage * 100) / 100)} scraped`,
        reading.sinceMs === null ? null : mrkdwn`counted since ${dayAndTime(reading.sinceMs, zone)}`,
        reading.slo.origin.file === null ? mrkdwn`known from its rules alone` : mrkdwn`defined in ${reading.slo.origin.file}`,
      ],
      ' · ',
    ),
    ...gapLines(reading.gaps),
  ]);

/** The bar of what is left before its words; what is not judged has none. */
const barred = (answer: SloAnswer, words: string): Mrkdwn =>
  isJudged(answer) ? mrkdwn`${budgetBar(answer.standing.left ?? 0)} ${words}` : mrkdwn`${words}`;

/** One objective, whole. */
const whole = (answer: SloAnswer, zone: string): readonly Block[] => {
  const { reading, standing } = answer;
  const facts = [
    burningText(answer),
    burnsText(standing, burnWindows.slice(2)),
    exhaustionText(standing, reading.atMs, zone),
    eventsText(reading, standing),
  ].filter((fact) => fact !== null);
  const spent = spentText(answer, zone);
  return [
    header(`${sloSign[standing.state]} ${reading.slo.name}: ${standsText(answer)}`),
    section(
      joined([
        joined(
          [barred(answer, attainmentText(reading)), reading.slo.owner === null ? null : mrkdwn`${reading.slo.owner}`],
          ' · ',
        ),
        ...facts.map((fact) => mrkdwn`${fact}`),
      ]),
    ),
    ...(spent === null ? [] : [section(spent)]),
    context(footer(answer, zone)),
  ];
};

const line = (answer: SloAnswer): Mrkdwn => {
  const { reading, standing } = answer;
  const burning = burningText(answer);
  return joined([
    mrkdwn`${sloSign[standing.state]} *${reading.slo.name}* ${attainmentText(reading)}`,
    joined([barred(answer, standsText(answer)), burning === null ? null : mrkdwn`${burning}`], ' · '),
  ]);
};

const most = 15;

/** `/mesh slo`: one objective whole, several in two lines each, in the order given. */
export const sloMessage = (answers: readonly SloAnswer[], zone: string): Message => {
  const [first] = answers;
  const text = joined(
    answers.slice(0, 3).map((answer) => mrkdwn`${answer.reading.slo.name}: ${standsText(answer)}`),
    '. ',
  );
  if (answers.length === 1 && first !== undefined) return { text, blocks: whole(first, zone) };
  const more = answers.length - most;
  return {
    text,
    blocks: [
      ...answers.slice(0, most).map((answer) => section(line(answer))),
      ...(more > 0 ? [context(mrkdwn`${more} more: name one, a service or an edge`)] : []),
      ...(first === undefined
        ? []
        : [context(mrkdwn`as of ${dayAndTime(first.reading.atMs, zone)} · name one for what spent it`)]),
    ],
  };
};
