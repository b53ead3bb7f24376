/** A statement as Neon's driver sends it: parameters are in PostgreSQL's text form. */
export interface Statement {
  readonly query: string;
  readonly params: readonly Parameter[];
}

export type Parameter = string | number | boolean | null;

/** A result as Neon's driver expects it: every value as the text that PostgreSQL wrote. */
export interface StatementResult {
  readonly command: string;
  readonly rowCount: number;
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface TransactionMode {
  /** SQL's name, such as "REPEATABLE READ"; undefined: the database's default. */
  readonly isolation?: string | undefined;
  readonly readOnly: boolean;
  readonly deferrable: boolean;
}

/** What the bridge needs of a database. Errors carry PostgreSQL's fields: code, detail, hint and so on. */
export interface SqlDatabase {
  run(statement: Statement): Promise<StatementResult>;
  /** All or nothing, with nothing of others in between. */
  transaction(statements: readonly Statement[], mode: TransactionMode): Promise<StatementResult[]>;
  close(): Promise<void>;
}

/** The statement that gives an open transaction its mode; undefined when the defaults do. */
export function setTransaction({ isolation, readOnly, deferrable }: TransactionMode): string | undefined {
  const modes = [
    ...(isolation === undefined ? [] : [`ISOLATION LEVEL ${isolation}`]),
    ...(readOnly ? ["READ ONLY"] : []),
    ...(deferrable ? ["DEFERRABLE"] : []),
  ];
  return modes.length === 0 ? undefined : `SET TRANSACTION ${modes.join(", ")}`;
}
