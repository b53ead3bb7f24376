import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
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
}

/** Oldest drivers by CUDA's major version (NVIDIA, "CUDA Compatibility", table of minor version compatibility). */
const oldestDrivers: Readonly<Record<string, number>> = { "11": 450, "12": 525, "13": 580 };

/** Looks for what running a model on an NVIDIA card takes. None of it is needed to serve on the processor. */
export function examineCuda(places: CudaPlaces): Finding[] {
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
    return [describeDriver(driver, major), ok(found), ...needed.map((name) => describeLibrary(name, places.libraries))];
  } catch (error) {
    const advice = `Install it anew: ${sentenceOf(error)}`;
    return [describeDriver(driver, undefined), warning(`${provider} cannot be read`, advice)];
  }
}

/** Its major version; undefined without a driver. */
function driverVersion(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const major = /Kernel Module\D*(\d+)\.\d+/.exec(readFileSync(file, "utf8"))?.[1];
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

function describeLibrary(name: string, folders: readonly string[]): Finding {
  const folder = folders.find((candidate) => existsSync(join(candidate, name)));
  if (folder !== undefined) return ok(`${name} is in ${folder}`);
  const major = /\.so\.(\d+)/.exec(name)?.[1];
  const what = name.includes("cudnn") ? `cuDNN ${major}` : `CUDA ${major}`;
  return absent(`${name} is not found`, `Install it from ${what}, and name its folder in LD_LIBRARY_PATH.`);
}
