// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { show } from "./testing.tsx";
import { TranslationNotice } from "./translation-notice.tsx";

it("says that translation is off, in a place that is read out when it changes", async () => {
  const off = await show(<TranslationNotice translates={false} />);
  expect(off.text()).toBe("Translation is off here. You read what was written.");
  const on = await show(<TranslationNotice translates />);
  expect(on.text()).toBe("");
  expect(document.querySelector("[role=status]")).not.toBeNull();
});
