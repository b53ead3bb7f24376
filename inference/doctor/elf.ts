/** Types of the entries that matter here (System V ABI, "Dynamic Section"). */
const [loadSegment, dynamicSegment] = [1, 2];
const [endTag, neededTag, stringTableTag] = [0, 1, 5];

/**
 * The names of the libraries that a shared object needs: its DT_NEEDED entries.
 *
 * @param file a 64-bit little-endian ELF file
 * @throws Error when it is none
 */
export function neededLibraries(file: Buffer): string[] {
  if (file.toString("latin1", 0, 4) !== "\x7fELF" || file[4] !== 2 || file[5] !== 1) {
    throw new Error("It is no 64-bit little-endian ELF file.");
  }
  const segments = programHeaders(file);
  const dynamic = segments.find(({ type }) => type === dynamicSegment);
  if (dynamic === undefined) return [];
  const names: number[] = [];
  let strings = 0;
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    const [tag, value] = [wordAt(file, at), wordAt(file, at + 8)];
    if (tag === endTag) break;
    if (tag === neededTag) names.push(value);
    if (tag === stringTableTag) strings = value;
  }
  // The table is given by its address in memory; the segment that holds it says where in the file that is.
  const home = segments.find(
    ({ type, address, size }) => type === loadSegment && address <= strings && strings < address + size,
  );
  if (home === undefined) throw new Error("It has no string table.");
  const base = strings - home.address + home.offset;
  return names.map((name) => file.toString("latin1", base + name, file.indexOf(0, base + name)));
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  /** Bytes in the file. */
  readonly size: number;
}

function programHeaders(file: Buffer): Segment[] {
  const start = wordAt(file, 32);
  const [entrySize, count] = [file.readUInt16LE(54), file.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * entrySize;
    return {
      type: file.readUInt32LE(at),
      offset: wordAt(file, at + 8),
      address: wordAt(file, at + 16),
      size: wordAt(file, at + 32),
    };
  });
}

const wordAt = (file: Buffer, at: number): number => Number(file.readBigUInt64LE(at));
