import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** What axe-core finds serious or critical on the page as it stands: "rule: selector", one per element. */
export async function barriersOn(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>(`(() => { ${axe.source}; return axe.run(); })()`);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
