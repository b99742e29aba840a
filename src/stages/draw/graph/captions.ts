import type { Chosen } from '../../../domain/graph/chosen.ts';
import { isSick } from '../../../domain/graph.ts';
import { counted, middleCut } from '../../../domain/words.ts';
import { failingText, figuresOf, titlesOf } from './labels.ts';

/** No name may take the room of all others. */
const mostLetters = 60;

const shortTitles = (nodes: Chosen['nodes']): ((key: string) => string) => {
  const titles = titlesOf(nodes);
  return (key) => middleCut(titles.get(key) ?? '', mostLetters);
};

const arrowTitle = ({ arrows, nodes }: Chosen): string => {
  const short = shortTitles(nodes);
  const [worst] = arrows;
  return worst === undefined ? '' : `${short(worst.from.key)} → ${short(worst.to.key)}`;
};

/** What the picture says, in one sentence. */
export const graphSentence = (chosen: Chosen): string => {
  const [worst] = chosen.arrows;
  const sick = chosen.arrows.filter(isSick).length;
  if (worst === undefined) return 'Nobody calls anybody';
  if (sick === 0)
    return chosen.arrows.length === 1
      ? 'The edge fails less than 1 % of its requests'
      : `None of ${chosen.arrows.length} edges fails 1 % or more`;
  const more = sick === 1 ? '' : `; ${counted(sick - 1, 'more edge')} ${sick === 2 ? 'fails' : 'fail'} 1 % or more`;
  return `${arrowTitle(chosen)}: ${failingText(worst)}${more}`;
};

/** What was left out, so that nobody takes the picture for all there is; null where it is. */
export const leftOutText = ({ leftOut: { nodes, arrows, sick } }: Chosen): string | null => {
  if (nodes === 0 && arrows === 0) return null;
  const parts = [...(nodes > 0 ? [counted(nodes, 'workload')] : []), ...(arrows > 0 ? [counted(arrows, 'edge')] : [])];
  const which = arrows === 0 ? '' : sick === 0 ? ', none of them sick' : `, ${sick} of them sick`;
  return `not shown: ${parts.join(' and ')}${which}`;
};

const mostWords = 1000;

/** Every arrow with its figures, the worst first, for those who cannot see the picture (Slack takes 2,000 characters). */
export const graphAltText = (chosen: Chosen, where: string, seconds: number): string => {
  const short = shortTitles(chosen.nodes);
  const told = chosen.arrows.map(
    (arrow) => `${short(arrow.from.key)} → ${short(arrow.to.key)} ${figuresOf(arrow, seconds).join(', ')}`,
  );
  const leftOut = leftOutText(chosen);
  const said = [`Who calls whom: ${where}`, graphSentence(chosen), told.join('; '), ...(leftOut === null ? [] : [leftOut])];
  return `${said.join('. ')}.`.slice(0, mostWords).toWellFormed();
};
