import { AsyncLocalStorage } from 'node:async_hooks';

export type Row = Readonly<Record<string, unknown>>;

export type Connection = {
  /** One statement with its values. */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Any number of statements without values; the rows of all of them. */
  readonly script: (text: string) => Promise<readonly Row[]>;
};

/** One SQL for both engines. Statements inside `transact` join its transaction: on the one connection of PGlite anything else would wait for it for ever. */
export type Database = Connection & { readonly transact: <T>(work: () => Promise<T>, turn?: Turn) => Promise<T> };

/** Whom others wait for goes `first` where statements queue for one connection: an Alertmanager waits for its answer, a triage does not. */
export type Turn = 'first' | 'later';

/** PostgreSQL's text holds neither U+0000 nor half a surrogate pair, a label can: the same replacement everywhere keeps keys comparable. */
export const storableText = (text: string): string => text.replaceAll('\u0000', '\ufffd').toWellFormed();

/** Routes statements to the transaction of the calling task, or to the engine once that transaction is over. */
export const ambient = (
  engine: Connection,
  begin: <T>(work: (connection: Connection) => Promise<T>, turn: Turn) => Promise<T>,
): Database => {
  const current = new AsyncLocalStorage<{ readonly connection: Connection; isOpen: boolean }>();
  const here = (): Connection => {
    const scope = current.getStore();
    return scope?.isOpen ? scope.connection : engine;
  };
  return {
    query: (text, values = []) =>
      here().query(
        text,
        values.map((value) => (typeof value === 'string' ? storableText(value) : value)),
      ),
    script: (text) => here().script(text),
    transact: (work, turn = 'later') =>
      current.getStore()?.isOpen
        ? work()
        : begin((connection) => {
            const scope = { connection, isOpen: true };
            return current.run(scope, work).finally(() => {
              scope.isOpen = false;
            });
          }, turn),
  };
};

/** What pg-boss wants of a database: the same statements, joining the same transaction. */
export const bossDatabase = (database: Database) => ({
  executeSql: async (text: string, values: unknown[] = []): Promise<{ rows: Row[] }> => ({
    rows: [...(values.length > 0 ? await database.query(text, values) : await database.script(text))],
  }),
});

export const textOrNull = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));
export const numberOrNull = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));
