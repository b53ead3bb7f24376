import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { parse, readJson } from "./description.ts";
import type { Hub } from "./registry.ts";

/** Where a hub that speaks as Hugging Face's does is, without another one in HF_ENDPOINT. */
export const defaultHub = "https://huggingface.co";
/** Beside a model's files: what each has to be. */
export const checksumsFile = "checksums.json";

const treeEntry = z.object({
  path: z.string(),
  size: z.int().nonnegative(),
  /** Git's name of the file: SHA-1 of a header and its content. */
  oid: z.string(),
  /** Large files: SHA-256 of the content. */
  lfs: z.object({ oid: z.string(), size: z.int().nonnegative() }).optional(),
});

/** What a file has to be. */
export const expectedFile = z.object({
  path: z.string(),
  /** Bytes. */
  size: z.int().nonnegative(),
  checksum: z.object({ kind: z.enum(["sha256", "git"]), value: z.string() }),
});
export type ExpectedFile = z.infer<typeof expectedFile>;

export interface FetchOptions {
  readonly hub: Hub;
  /** Where the model goes; it is there only once all of it is. */
  readonly folder: string;
  readonly endpoint: string;
  readonly onProgress: (file: ExpectedFile, bytes: number) => void;
}

/**
 * Downloads a model's files next to its folder, goes on where an earlier try stopped, checks each against what the hub says
 * of it, and only then moves them into place.
 *
 * @throws Error with a sentence that says what failed; what is there stays for the next try
 */
export async function fetchModel({ hub, folder, endpoint, onProgress }: FetchOptions): Promise<ExpectedFile[]> {
  const files = await listFiles(hub, endpoint);
  const unfinished = `${folder}.part`;
  for (const file of files) {
    const path = join(unfinished, file.path);
    mkdirSync(dirname(path), { recursive: true });
    const url = `${endpoint}/${hub.repository}/resolve/${hub.revision}/${file.path}`;
    if (sizeOf(path) !== file.size) await download(url, path, file, onProgress);
    onProgress(file, file.size);
    if (!(await isAsExpected(path, file))) {
      rmSync(path);
      throw new Error(`${file.path} arrived damaged and was thrown away; fetch again.`);
    }
  }
  await writeFile(join(unfinished, checksumsFile), `${JSON.stringify({ ...hub, files }, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  return files;
}

/** Whether each file of a fetched model is still what it was; none when the model was not fetched. */
export async function checkFetched(folder: string): Promise<{ readonly path: string; readonly isGood: boolean }[]> {
  const list = join(folder, checksumsFile);
  if (!existsSync(list)) return [];
  const { files } = parse(z.object({ files: z.array(expectedFile) }), readJson(list), list);
  return Promise.all(
    files.map(async (file) => ({ path: file.path, isGood: await isAsExpected(join(folder, file.path), file) })),
  );
}

/** Whether a file has the size and the checksum that it is to have. */
export async function isAsExpected(path: string, { size, checksum }: ExpectedFile): Promise<boolean> {
  if (sizeOf(path) !== size) return false;
  const hash = createHash(checksum.kind === "git" ? "sha1" : "sha256");
  if (checksum.kind === "git") hash.update(`blob ${size}\0`);
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex") === checksum.value;
}

async function listFiles({ repository, revision, files }: Hub, endpoint: string): Promise<ExpectedFile[]> {
  const response = await fetch(`${endpoint}/api/models/${repository}/tree/${revision}?recursive=true`);
  if (!response.ok) throw new Error(`The hub does not list ${repository} (status ${response.status}).`);
  const listed = new Map(
    z
      .array(treeEntry)
      .parse(await response.json())
      .map((entry) => [entry.path, entry]),
  );
  return files.map((path) => {
    const entry = listed.get(path);
    if (entry === undefined) throw new Error(`${repository} has no ${path}.`);
    const { size, oid, lfs } = entry;
    return lfs === undefined
      ? { path, size, checksum: { kind: "git", value: oid } }
      : { path, size: lfs.size, checksum: { kind: "sha256", value: lfs.oid } };
  });
}

/** Appends what is missing of a file; a hub that sends all of it makes it begin anew. */
async function download(
  url: string,
  path: string,
  file: ExpectedFile,
  onProgress: FetchOptions["onProgress"],
): Promise<void> {
  const there = sizeOf(path) ?? 0;
  const from = there < file.size ? there : 0;
  const response = await fetch(url, from === 0 ? {} : { headers: { range: `bytes=${from}-` } });
  if (!response.ok || response.body === null) {
    throw new Error(`The hub does not give ${file.path} (status ${response.status}); fetch again later.`);
  }
  const isRest = response.status === 206;
  let bytes = isRest ? from : 0;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      onProgress(file, bytes);
      yield chunk;
    }
  };
  await pipeline(Readable.fromWeb(response.body), counted, createWriteStream(path, { flags: isRest ? "a" : "w" }));
}

const sizeOf = (path: string): number | undefined => (existsSync(path) ? statSync(path).size : undefined);
