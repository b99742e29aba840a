import type { Note } from '../../../domain/diagnosis.ts';
import type { Evidence } from '../../../domain/evidence.ts';
import { droppedTraceHeaders } from './dropped-trace-headers.ts';

/** What makes notes of one kind; its file name is its name, and has a page in templates/advice as a rule has. */
export const noters: readonly {
  readonly name: string;
  readonly find: (evidence: Evidence) => readonly Omit<Note, 'name'>[];
}[] = [droppedTraceHeaders];

/** Everything that is noticed beside the findings, whether anything is wrong or not. */
export const notesOf = (evidence: Evidence): readonly Note[] =>
  noters.flatMap(({ name, find }) => find(evidence).map((note) => ({ name, ...note })));
