import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Card } from "../models/card.ts";
import { sentenceOf } from "../sentence-of.ts";
import { neededLibraries } from "./elf.ts";
import { absent, type Finding, ok, warning } from "./finding.ts";

/** Where this machine keeps what CUDA needs. */
export interface CudaPlaces {
  /** Folder of ONNX Runtime's shared objects. */
  readonly runtime: string;
  /** Folders that the loader looks into. */
  readonly libraries: readonly string[];
  /** The NVIDIA driver's own word on its version. */
  readonly driver: string;
  /** The card, by the word of the driver's tool. */
  readonly card: Card | undefined;
}

/** Oldest drivers by CUDA's major version (NVIDIA, "CUDA Compatibility", table of minor version compatibility). */
const oldestDrivers: Readonly<Record<string, number>> = { "11": 450, "12": 525, "13": 580 };

/** Looks for what running a model on an NVIDIA card takes. None of it is needed to serve on the processor. */
export function examineCuda(places: CudaPlaces): Finding[] {
  const { card } = places;
  const memory = card && `${card.name}: ${megabytes(card.freeBytes)} of ${megabytes(card.totalBytes)} are free`;
  return [...examineLibraries(places), ...(memory === undefined ? [] : [ok(memory)])];
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1_000_000)} MB`;

function examineLibraries(places: CudaPlaces): Finding[] {
  const driver = driverVersion(places.driver);
  const provider = join(places.runtime, "libonnxruntime_providers_cuda.so");
  if (!existsSync(provider)) {
    const install =
      "On Linux x64: ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js";
    return [describeDriver(driver, undefined), absent("ONNX Runtime's CUDA provider is not installed", install)];
  }
  try {
    const needed = neededLibraries(readFileSync(provider)).filter((name) => /^lib(cu|nv|nccl)/.test(name));
    const major = needed.map((name) => /^libcudart\.so\.(\d+)/.exec(name)?.[1]).find((found) => found !== undefined);
    const found = `ONNX Runtime's CUDA provider is installed; it is built for CUDA ${major ?? "of a version it does not name"}`;
    const libraries = needed.map((name) => describeLibrary(name, places.libraries, major));
    return [describeDriver(driver, major), ok(found), ...libraries];
  } catch (error) {
    const advice = `Install it anew: ${sentenceOf(error)}`;
    return [describeDriver(driver, undefined), warning(`${provider} cannot be read`, advice)];
  }
}

/** Its major version; undefined without a driver. */
function driverVersion(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  // "Kernel Module  550.54.14", and of the open one "Open Kernel Module for x86_64  580.159.04".
  const major = /Kernel Module.*?\s(\d+)\.\d+/.exec(readFileSync(file, "utf8"))?.[1];
  return major === undefined ? undefined : Number(major);
}

function describeDriver(driver: number | undefined, cuda: string | undefined): Finding {
  if (driver === undefined) {
    return absent("No NVIDIA driver is loaded", "Install NVIDIA's driver, or pass the card into the container.");
  }
  const oldest = oldestDrivers[cuda ?? ""] ?? 0;
  if (driver >= oldest) return ok(`NVIDIA driver ${driver}`);
  return warning(`NVIDIA driver ${driver} is too old for CUDA ${cuda}`, `Install driver ${oldest} or newer.`);
}

function describeLibrary(name: string, folders: readonly string[], cuda: string | undefined): Finding {
  const folder = folders.find((candidate) => existsSync(join(candidate, name)));
  if (folder !== undefined) return ok(`${name} is in ${folder}`);
  if (name.startsWith("libcuda.so")) return absent(`${name} is not found`, "It comes with NVIDIA's driver.");
  const what = name.includes("cudnn")
    ? `cuDNN ${/\.so\.(\d+)/.exec(name)?.[1]}`
    : `CUDA ${cuda ?? "as the provider is built for"}`;
  return absent(`${name} is not found`, `Install it from ${what}, and name its folder in LD_LIBRARY_PATH.`);
}
