import { type EngineName, findEngine } from '../../src/demo/engines.ts';

/** A real program for a suite: its path, or the words for the name of the suite that is skipped without it. */
export const engineFor = async (name: EngineName): Promise<{ readonly path: string; readonly skipped: string }> => {
  const engine = await findEngine(name, {
    log: (_level, event, fields) => process.stderr.write(`${event} ${JSON.stringify(fields)}\n`),
  });
  return 'path' in engine ? { path: engine.path, skipped: '' } : { path: '', skipped: ` (skipped: ${engine.missing})` };
};
