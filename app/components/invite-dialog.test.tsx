// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { InviteDialog } from "./invite-dialog.tsx";
import { recordingRoute, show } from "./testing.tsx";

const path = "/conversations/c/invites";
const invite = { createdBy: "ana", createdAt: "2026-11-24T12:00:00Z", expiresAt: "2099-11-24T12:00:00Z", uses: 2 };
const link = () => document.querySelector<HTMLInputElement>("[aria-label='Invite link']")?.value;

it("makes a link for a week, puts another in its place while nobody has it, and revokes older ones", async () => {
  let made = 0;
  const { route, forms } = recordingRoute(path, { invites: [{ ...invite, code: "old", maxUses: 5 }] }, () => {
    made += 1;
    return { invite: { ...invite, code: `new-${made}` } };
  });
  const page = await show(<InviteDialog conversationId="c" />, [route]);
  await page.press("Invite");
  await page.until(() => expect(link()).toMatch(/\/invite\/new-1$/));
  await page.fill("expiresIn", "1h");
  await page.until(() => expect(link()).toMatch(/new-2$/));
  await page.press("Copy link");
  await page.fill("maxUses", "5");
  await page.until(() => expect(link()).toMatch(/new-3$/));
  expect(page.text()).toContain("used 2 of 5 times");
  await page.press("Revoke");
  await page.until(() =>
    expect(forms).toEqual([
      { expiresIn: "7d", maxUses: "", revoke: "" },
      { expiresIn: "1h", maxUses: "", revoke: "new-1" },
      { expiresIn: "1h", maxUses: "5", revoke: "" },
      { revoke: "old" },
    ]),
  );
});
