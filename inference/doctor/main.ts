import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type InferenceConfig, readConfig } from "../config.ts";
import { readCard } from "../models/card.ts";
import { sentenceOf } from "../sentence-of.ts";
import { examineCuda } from "./cuda.ts";
import { type Finding, failure } from "./finding.ts";
import { examineCertificate, examineNode, examinePort, examineRuntime } from "./host.ts";
import { examineModels } from "./models.ts";

/** Says what is there and what is missing to serve; the exit code is 0 when the embedded model can. */

const signs: Readonly<Record<Finding["status"], string>> = { ok: "✓", absent: "-", warning: "!", failure: "✗" };

const node = examineNode(process.version);
show("Processor", [node, ...(await examineRuntime())]);
const config = settings();
if (config !== undefined) {
  show("Models", await examineModels(config));
  show("Address", [await examinePort(config), examineCertificate(config, Date.now())]);
}
show("NVIDIA card (optional)", examineCuda(cudaPlaces()));
console.log(
  process.exitCode === 1 ? "\nIt cannot serve yet: see the lines with ✗." : "\nIt can serve: npm run inference",
);

function show(title: string, findings: readonly Finding[]): void {
  console.log(`\n${title}`);
  for (const { status, what, advice } of findings) {
    console.log(`  ${signs[status]} ${what}${advice === "" ? "" : `\n      ${advice}`}`);
    if (status === "failure") process.exitCode = 1;
  }
}

function settings(): InferenceConfig | undefined {
  try {
    return readConfig(process.env);
  } catch (error) {
    show("Settings", [failure(sentenceOf(error), "Mend the environment; docs/inference.md lists what there is.")]);
    return undefined;
  }
}

function cudaPlaces() {
  const home = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const named = (process.env.LD_LIBRARY_PATH ?? "").split(":").filter((folder) => folder !== "");
  const usual = ["/usr/local/cuda/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"];
  return {
    runtime: join(home, "bin", "napi-v6", process.platform, process.arch),
    libraries: [...named, ...usual],
    driver: "/proc/driver/nvidia/version",
    card: readCard(),
  };
}
