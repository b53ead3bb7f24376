import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { parseCard } from "../models/card.ts";
import { examineCuda } from "./cuda.ts";
import { neededLibraries } from "./elf.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A shared object that does nothing but need libraries. */
function sharedObject(...needed: readonly string[]): Buffer {
  const [loadAt, dynamicAt, entries] = [64, 64 + 56, 64 + 2 * 56];
  const strings = Buffer.from(`\0${needed.map((name) => `${name}\0`).join("")}`, "latin1");
  const stringsAt = entries + (needed.length + 2) * 16;
  // Loaded elsewhere than it stands in the file, as linkers do it.
  const address = 0x1000;
  const file = Buffer.alloc(stringsAt + strings.length);
  file.write("\x7fELF\x02\x01", "latin1");
  const word = (at: number, value: number) => file.writeBigUInt64LE(BigInt(value), at);
  word(32, 64);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  const segment = (at: number, type: number, offset: number, size: number) => {
    file.writeUInt32LE(type, at);
    word(at + 8, offset);
    word(at + 16, offset + address);
    word(at + 32, size);
  };
  segment(loadAt, 1, 0, file.length);
  segment(dynamicAt, 2, entries, stringsAt - entries);
  const dynamic = [...needed.map((name) => [1, strings.indexOf(`\0${name}\0`) + 1]), [5, stringsAt + address], [0, 0]];
  dynamic.forEach(([tag = 0, value = 0], index) => {
    word(entries + index * 16, tag);
    word(entries + index * 16 + 8, value);
  });
  strings.copy(file, stringsAt);
  return file;
}

/** A machine with a driver, the provider and some libraries. */
function newMachine({
  driver = "",
  isOpen = false,
  provider,
  present = [],
}: {
  driver?: string;
  /** Whether the driver's kernel module is the open one. */
  isOpen?: boolean;
  provider?: Buffer;
  present?: string[];
}) {
  const root = mkdtempSync(join(tmpdir(), "meeshy-doctor-"));
  folders.push(root);
  const places = {
    runtime: join(root, "runtime"),
    libraries: [join(root, "lib")],
    driver: join(root, "version"),
    card: undefined,
  };
  for (const folder of [places.runtime, join(root, "lib")]) mkdirSync(folder);
  const module = isOpen ? "NVIDIA UNIX Open Kernel Module for x86_64" : "NVIDIA UNIX x86_64 Kernel Module";
  if (driver !== "") writeFileSync(places.driver, `NVRM version: ${module}  ${driver}  Release Build\n`);
  if (provider !== undefined) writeFileSync(join(places.runtime, "libonnxruntime_providers_cuda.so"), provider);
  for (const name of present) writeFileSync(join(root, "lib", name), "");
  return examineCuda(places).map(({ status, what }) => `${status}: ${what.replaceAll(root, "")}`);
}

it("reads what a shared object needs", () => {
  expect(neededLibraries(sharedObject("libcudart.so.12", "libc.so.6"))).toEqual(["libcudart.so.12", "libc.so.6"]);
  expect(() => neededLibraries(Buffer.from("MZ and so on"))).toThrow("no 64-bit little-endian ELF");
});

it("finds nothing on a machine without a card, and fails nothing", () => {
  expect(newMachine({})).toEqual([
    "absent: No NVIDIA driver is loaded",
    "absent: ONNX Runtime's CUDA provider is not installed",
  ]);
});

it("names CUDA's major version, and each library that is there or missing", () => {
  const provider = sharedObject("libcudart.so.12", "libcudnn.so.9", "libstdc++.so.6");
  expect(newMachine({ driver: "550.54.14", provider, present: ["libcudart.so.12"] })).toEqual([
    "ok: NVIDIA driver 550",
    "ok: ONNX Runtime's CUDA provider is installed; it is built for CUDA 12",
    "ok: libcudart.so.12 is in /lib",
    "absent: libcudnn.so.9 is not found",
  ]);
});

it("reads the version of either kernel module", () => {
  for (const isOpen of [false, true]) {
    const [driver] = newMachine({ driver: "580.159.04", isOpen, provider: sharedObject("libcudart.so.13") });
    expect(driver).toBe("ok: NVIDIA driver 580");
  }
});

it("says how much of the card's memory is free", () => {
  const card = parseCard("NVIDIA H200, 143771, 143000\n");
  expect(card).toEqual({ name: "NVIDIA H200", totalBytes: 143_771 * 2 ** 20, freeBytes: 143_000 * 2 ** 20 });
  expect(parseCard("No devices were found\n")).toBeUndefined();
  const places = { runtime: "/none", libraries: [], driver: "/none", card };
  expect(examineCuda(places).at(-1)?.what).toBe("NVIDIA H200: 149946 MB of 150755 MB are free");
});

it("says when the driver is too old for it, or the provider broken", () => {
  const [old] = newMachine({ driver: "550.54.14", provider: sharedObject("libcudart.so.13") });
  expect(old).toBe("warning: NVIDIA driver 550 is too old for CUDA 13");
  const [, broken] = newMachine({ driver: "580.1.1", provider: Buffer.from("cut off") });
  expect(broken).toMatch(/^warning: .*cannot be read$/);
});
