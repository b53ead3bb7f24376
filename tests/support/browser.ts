import { existsSync } from "node:fs";
import bundledChromium from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/** Where Debian installs it. */
const debianChromium = "/usr/bin/chromium";

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless Chromium: the one that CHROMIUM_PATH names, else Debian's, else the one inside the npm package. */
export async function launchBrowser(): Promise<Browser> {
  const installed = process.env.CHROMIUM_PATH ?? (existsSync(debianChromium) ? debianChromium : undefined);
  if (installed !== undefined) return chromium.launch({ executablePath: installed, args: quiet, headless: true });
  return chromium.launch({
    executablePath: await bundledChromium.executablePath(),
    args: [...bundledChromium.args, ...quiet],
    headless: true,
  });
}
