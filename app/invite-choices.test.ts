import { expect, it } from "vitest";
import { chosenInvite } from "./invite-choices.ts";

it("an invite is what was chosen, and what is no choice is left to the API", () => {
  expect(chosenInvite("1h", "5")).toEqual({ expiresIn: "1h", maxUses: 5 });
  expect(chosenInvite("30d", "")).toEqual({ expiresIn: "30d" });
  expect(chosenInvite("toString", "7")).toEqual({});
});
