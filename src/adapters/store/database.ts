import { AsyncLocalStorage } from 'node:async_hooks';
import { SourceError } from '../../domain/gathered.ts';

export type Row = Readonly<Record<string, unknown>>;

/** One SQL for both engines. Statements inside `transact` join its transaction; with one connection anything else would wait for it for ever. */
export type Database = {
  readonly query: (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Several statements without values. */
  readonly script: (text: string) => Promise<void>;
  readonly transact: <T>(work: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};

export type Connection = Pick<Database, 'query' | 'script'>;

/** Routes statements to the transaction of the calling task, or to the engine. */
export const ambient = (
  engine: Connection,
  begin: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>,
  close: () => Promise<void>,
): Database => {
  const current = new AsyncLocalStorage<Connection>();
  return {
    query: (text, values) => (current.getStore() ?? engine).query(text, values),
    script: (text) => (current.getStore() ?? engine).script(text),
    transact: (work) => (current.getStore() ? work() : begin((connection) => current.run(connection, work))),
    close,
  };
};

/** What pg-boss wants of a database: the same statements, joining the same transaction. */
export const bossDatabase = (database: Database) => ({
  executeSql: async (text: string, values?: unknown[]): Promise<{ rows: Row[] }> => {
    if (values && values.length > 0) return { rows: [...(await database.query(text, values))] };
    return {
      rows: [
        ...(await database.query(text).catch(async (error: unknown) => {
          // Several statements in one text: only the script interface takes them.
          if (!/multiple commands/i.test(String((error as Error).message))) throw error;
          await database.script(text);
          return [];
        })),
      ],
    };
  },
});

const detail = (error: unknown): readonly ['unreachable' | 'too-expensive' | 'refused' | 'bug', string] => {
  const { code, message } = error as { code?: string; message?: string };
  const text = `${code ?? ''} ${message ?? ''}`;
  if (/53100|No space left|ENOSPC|could not extend file/i.test(text))
    return ['too-expensive', 'is full: no space left on its disk'];
  if (/^28|password authentication|pg_hba/i.test(text)) return ['refused', 'refused the credentials'];
  if (/ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|57P0|08\d\d\d|terminat|closed|shutting down|timeout|not queryable/i.test(text))
    return ['unreachable', 'cannot be reached'];
  return ['bug', 'failed'];
};

/** Every failure of the store as the one error; the webhook answers it with 503, so that Alertmanager comes again. */
export const storeError = (error: unknown): SourceError => {
  if (error instanceof SourceError) return error;
  const [reason, text] = detail(error);
  return new SourceError('the store', reason, text, { cause: error });
};

/** Runs `work`; whatever it throws becomes a `SourceError`. */
export const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw storeError(error);
  }
};
