import { expect, it } from "vitest";
import { mayBan } from "./roles.ts";

it("only owners and admins ban, and only those below them", () => {
  const roles = ["owner", "admin", "member", "guest"];
  expect(roles.map((role) => roles.filter((other) => mayBan(role, other)))).toEqual([
    ["admin", "member", "guest"],
    ["member", "guest"],
    [],
    [],
  ]);
});
