import { describe, expect, it } from "vitest";
import type { Role } from "../conversation/contract.ts";
import { may, mayAppoint, mayGrant, mayRemove } from "./permissions.ts";

/** From the most to the least trusted. */
const roles: readonly Role[] = ["owner", "admin", "member", "guest"];

describe("roles", () => {
  it("rename, turn translation off, invite, pin, look after bans and after the invites of others", () => {
    expect(roles.filter((role) => may(role, "oversee_invites"))).toEqual(["owner", "admin"]);
    expect(roles.filter((role) => may(role, "rename"))).toEqual(["owner", "admin"]);
    expect(roles.filter((role) => may(role, "switch_translation"))).toEqual(["owner", "admin"]);
    expect(roles.filter((role) => may(role, "invite"))).toEqual(["owner", "admin", "member"]);
    expect(roles.filter((role) => may(role, "pin"))).toEqual(["owner", "admin", "member"]);
  });

  it("grant", () => {
    const granted = roles.map((role) => roles.filter((other) => mayGrant(role, other)));
    expect(granted).toEqual([["admin", "member", "guest"], ["member", "guest"], ["member", "guest"], []]);
  });

  it("remove", () => {
    const removed = roles.map((role) => roles.filter((other) => mayRemove(role, other)));
    expect(removed).toEqual([["admin", "member", "guest"], ["member", "guest"], [], []]);
  });

  it("appoint admins and members only as owners", () => {
    const moves = (role: Role) =>
      roles.flatMap((from) => roles.filter((to) => mayAppoint(role, from, to)).map((to) => `${from} to ${to}`));
    expect(moves("owner")).toEqual(["admin to admin", "admin to member", "member to admin", "member to member"]);
    expect(roles.slice(1).flatMap(moves)).toEqual([]);
  });

  it("never make an owner, remove one, or reach above themselves", () => {
    for (const [rank, role] of roles.entries()) {
      for (const above of ["owner" as const, ...roles.slice(0, rank)]) {
        expect([mayGrant(role, above), mayRemove(role, above)]).toEqual([false, false]);
      }
    }
  });
});
