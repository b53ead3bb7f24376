import { readdirSync, readFileSync } from "node:fs";
import { languageCodes } from "../../proto/languages.ts";

/** One chat message as people of each language would write it. */
export type ParallelMessage = ReadonlyMap<string, string>;

const folder = new URL("../../inference/training/", import.meta.url);

/** The evaluation set: everyday chat that the embedded model was not trained on. */
export const heldOutMessages = (): ParallelMessage[] => read(new URL("evaluation/chat.tsv", folder));

/** Every message that the repository has, those of the evaluation set first, each once. */
export function allMessages(): ParallelMessage[] {
  const corpus = new URL("corpus/", folder);
  const files = readdirSync(corpus)
    .filter((name) => name.endsWith(".tsv"))
    .toSorted();
  const rows = [...heldOutMessages(), ...files.flatMap((name) => read(new URL(name, corpus)))];
  return [...new Map(rows.map((row) => [row.get("en"), row])).values()];
}

/** Rows of a table whose head names the languages; other columns, and rows that lack a language, are left out. */
function read(file: URL): ParallelMessage[] {
  const [head = "", ...lines] = readFileSync(file, "utf8").split("\n");
  const columns = head.split("\t");
  return lines.flatMap((line) => {
    const cells = line.split("\t");
    const texts = languageCodes.map((code) => [code, cells[columns.indexOf(code)]?.trim() ?? ""] as const);
    return texts.some(([, text]) => text === "") ? [] : [new Map(texts)];
  });
}

/** The same items in another order, which `random` decides (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const left = [...items];
  return items.map(() => {
    const [item] = left.splice(Math.floor(random() * left.length), 1);
    if (item === undefined) throw new Error("Nothing is left to draw.");
    return item;
  });
}
