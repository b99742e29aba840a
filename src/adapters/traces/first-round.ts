import type { ReceivedTrace } from '../../domain/trace.ts';
import type { Ask } from '../../ports.ts';
import { isTooLarge } from '../http/body.ts';
import type { StoreQuestion } from './questions.ts';

export type AskStore = (question: StoreQuestion, ask: Ask) => Promise<readonly ReceivedTrace[]>;

/** A trace of some thousand spans is a megabyte or more. */
const few = 5;

type Asked = { readonly question: StoreQuestion; readonly answer: PromiseSettledResult<readonly ReceivedTrace[]> };

const settled = async (askStore: AskStore, question: StoreQuestion, ask: Ask): Promise<Asked> => {
  const [answer] = await Promise.allSettled([askStore(question, ask)]);
  return { question, answer };
};

/** Asks a question; where so many traces are more than may be read at once, for a few of them. */
export const firstRound = async (askStore: AskStore, question: StoreQuestion, ask: Ask): Promise<Asked> => {
  const all = await settled(askStore, question, ask);
  if (all.answer.status === 'fulfilled' || !isTooLarge(all.answer.reason)) return all;
  const some = await settled(askStore, { ...question, limit: few }, ask);
  return some.answer.status === 'fulfilled' ? some : all;
};
