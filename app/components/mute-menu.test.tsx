// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { MuteMenu } from "./mute-menu.tsx";
import { recordingRoute, show } from "./testing.tsx";

const menu = (isMuted: boolean) => <MuteMenu conversationId="c" isMuted={isMuted} />;

it("mutes for as long as is chosen", async () => {
  const { route, forms } = recordingRoute("/conversations/c/mute", {});
  const page = await show(menu(false), [route]);
  await page.choose("Mute", "For 8 hours");
  await page.until(() => expect(forms).toEqual([{ choice: "night" }]));
});

it("unmutes what is muted", async () => {
  const { route, forms } = recordingRoute("/conversations/c/mute", {});
  const page = await show(menu(true), [route]);
  await page.choose("Muted: change", "Unmute");
  await page.until(() => expect(forms).toEqual([{ choice: "" }]));
});
