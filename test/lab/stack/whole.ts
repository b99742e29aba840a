import type { Truth } from '../lab.ts';
import { against, edgeText, matches, type Said } from './grade.ts';

/** What the messages of one fault must say between them, and none of them does; empty where all is said. */
export const unmetBy = (truth: Truth, messages: readonly Said[]): readonly string[] => {
  const { and, asked, must = [] } = truth;
  const others = [and, asked].filter((answer) => answer !== undefined);
  // Of a single truth every message is graded by itself.
  const answers = others.length === 0 ? [] : [truth, ...others];
  return [
    ...answers
      .filter((answer) => !messages.some((said) => against(answer, said).why.length === 0))
      .map(({ edge, rules: [rule = 'no verdict'] }) => `no message tells of ${rule} at ${edgeText(edge)}`),
    ...must
      .filter((pattern) => !messages.some(({ text }) => matches(pattern, text)))
      .map((pattern) => `no message says what is the point of it: /${pattern}/`),
  ];
};
