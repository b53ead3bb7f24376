import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Locale } from "../../app/strings.ts";
import type { Stack } from "../../scripts/local/stack.ts";
import { launchBrowser } from "./browser.ts";
import { newStack } from "./stack.ts";
import { Visitor } from "./visitor.ts";

type Arrive = (locale: Locale, name: string) => Promise<Visitor>;

/**
 * Runs a whole Meeshy and a browser for the tests of a file. Returns how a person arrives at its first page, and how they
 * do so and create an account; they leave at the end of the test, which fails when a page of theirs complained to the
 * console.
 */
export function openToVisitors(): { readonly arrive: Arrive; readonly arriveAndSignUp: Arrive } {
  let stack: Stack | undefined;
  let browser: Browser | undefined;
  let present: Visitor[] = [];
  beforeAll(async () => {
    stack = await newStack();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
  });
  afterEach(async () => {
    const complaints = present.flatMap((visitor) => visitor.complaints);
    for (const visitor of present) await visitor.leave();
    present = [];
    expect(complaints, "what the pages said to the console").toEqual([]);
  });
  const arrive: Arrive = async (locale, name) => {
    if (stack === undefined || browser === undefined) throw new Error("Nobody can arrive before the tests begin.");
    const visitor = await Visitor.arrive(browser, { site: stack.url, locale, name });
    present.push(visitor);
    return visitor;
  };
  const arriveAndSignUp: Arrive = async (locale, name) => {
    const visitor = await arrive(locale, name);
    await visitor.signUp();
    await visitor.heading(visitor.t("conversations")).waitFor({ state: "attached" });
    return visitor;
  };
  return { arrive, arriveAndSignUp };
}
