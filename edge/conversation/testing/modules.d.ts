/** What the tests in Node import and the edge's own types do not know. */
declare module "node:sqlite" {
  type Value = string | number | Uint8Array | null;

  export class DatabaseSync {
    constructor(path: string);
    exec(sql: string): void;
    prepare(sql: string): { all(...bindings: readonly Value[]): Record<string, Value>[] };
  }
}

/** A file's text, as Vite imports it. */
declare module "*?raw" {
  const text: string;
  export default text;
}
