/** What the page sends: one address for all that people do there. */
import type { Click, newGestures, ShortcutUse } from './gestures.ts';
import type { newModalGestures, Submission } from './modal-gestures.ts';

export type Gestures = ReturnType<typeof newGestures> & ReturnType<typeof newModalGestures>;

/** What a person does on the page. */
export type Done = { readonly person: string } & (
  | ({ readonly kind: 'click' } & Click)
  | ({ readonly kind: 'submit' } & Submission)
  | ({ readonly kind: 'shortcut' } & ShortcutUse)
  | { readonly kind: 'close'; readonly isAll?: boolean }
  | { readonly kind: 'home' }
);

const run = async (gestures: Gestures, done: Done): Promise<object> => {
  switch (done.kind) {
    case 'click':
      return gestures.click(done);
    case 'submit':
      return gestures.submit(done);
    case 'shortcut':
      return gestures.shortcut(done);
    case 'home':
      return gestures.openHome(done.person);
    case 'close':
      await gestures.dismiss(done.person, done.isAll);
      return { ok: true };
  }
  return { ok: false, error: 'impossible', why: 'nobody can do that' };
};

/** Does it; a gesture that nobody can make is answered in words. */
export const doGesture = async (gestures: Gestures, done: Done): Promise<object> => {
  try {
    return await run(gestures, done);
  } catch (error) {
    return { ok: false, error: 'impossible', why: error instanceof Error ? error.message : String(error) };
  }
};
