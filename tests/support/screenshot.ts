import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Browser } from "playwright-core";
import { demoPassword, demoPeople } from "../../scripts/local/demo.ts";
import { launchBrowser } from "./browser.ts";
import { newStack } from "./stack.ts";
import { Visitor } from "./visitor.ts";

/*
 * Makes the README's picture: the demo's conversation as Alice reads it in English beside what Benoît reads in French.
 *
 *   npx node tests/support/screenshot.ts
 *
 * INFERENCE_NODES, when set, names the inference servers to use instead of this checkout's own model.
 */

const picture = "docs/images/conversation.png";

/** CSS pixels, which are the picture's pixels. */
const width = 1280;
const view = { width: 612, height: 880 };

const interfaces = { en: "en", fr: "fr", ar: "ar" } as const;

/** What is said after the demo's own messages. */
const dialogue = [
  ["alice", "Don't worry, I'm making coffee."],
  ["benoit", "Génial, j'ai vraiment froid !"],
  ["layla", "أنا جائعة جدا، هل نأكل معا؟"],
] as const;

const stack = await newStack({ demo: true, environment: { INFERENCE_NODES: process.env.INFERENCE_NODES } });
const browser = await launchBrowser();
try {
  const people = new Map<string, Visitor>();
  for (const { username, displayName, readingLanguage } of demoPeople) {
    const arrival = { site: stack.url, locale: interfaces[readingLanguage], name: displayName };
    const visitor = await Visitor.arrive(browser, { ...arrival, options: { viewport: view, colorScheme: "light" } });
    await visitor.signIn(username, demoPassword);
    await visitor.page.getByRole("link", { name: "Weekend trip" }).click();
    await visitor.composer.waitFor();
    people.set(username, visitor);
  }
  const [alice, benoit] = [people.get("alice"), people.get("benoit")];
  if (alice === undefined || benoit === undefined) throw new Error("The demo has neither Alice nor Benoît.");
  for (const [username, text] of dialogue) {
    await people.get(username)?.write(text);
    // Each answers what they have seen.
    for (const visitor of people.values()) await visitor.message(text).waitFor();
  }
  const english = await photograph(alice);
  const french = await photograph(benoit);
  await compose(browser, [
    { caption: "Alice reads English", image: english },
    { caption: "Benoît reads French", image: french },
  ]);
  console.log(`Wrote ${picture}.`);
} finally {
  await browser.close();
  await stack.close();
}

/** What somebody sees when their translations are there; says how many came. */
async function photograph(visitor: Visitor): Promise<Buffer> {
  const { page, t } = visitor;
  await page.getByText(t("translating")).first().waitFor({ state: "hidden" });
  const originals = page.getByRole("button", { name: t("showOriginal") });
  const all = await page.getByRole("article").count();
  const mine = await page.getByRole("article", { name: t("you"), exact: true }).count();
  console.log(`${visitor.name}: ${await originals.count()} of ${all - mine} messages translated.`);
  // One original is opened, so that the picture shows that it is there.
  if ((await originals.count()) > 0) await originals.last().click();
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  return page.screenshot();
}

interface View {
  readonly caption: string;
  readonly image: Buffer;
}

/** Puts the views side by side. */
async function compose(on: Browser, views: readonly View[]): Promise<void> {
  const page = await on.newPage({ viewport: { width, height: 100 }, colorScheme: "light" });
  const figures = views.map(
    ({ caption, image }) =>
      `<figure><figcaption>${caption}</figcaption><img src="data:image/png;base64,${image.toString("base64")}"></figure>`,
  );
  await page.setContent(`<!doctype html><style>
    body { margin: 0; padding: 16px 20px 20px; display: flex; justify-content: space-between; background: #e7efed;
           font: 600 16px "Inter", "Noto Sans", sans-serif; color: #1c1b19 }
    figure { margin: 0 }
    figcaption { padding: 0 4px 10px }
    img { display: block; width: ${view.width}px; border-radius: 16px; box-shadow: 0 2px 12px rgb(0 0 0 / 0.12) }
  </style>${figures.join("")}`);
  mkdirSync(dirname(picture), { recursive: true });
  await page.locator("img").last().waitFor();
  await page.screenshot({ path: picture, fullPage: true });
}
