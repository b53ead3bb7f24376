import { expect, it } from "vitest";
import { isModerator, rightsOver } from "./rights.ts";

const roles = ["owner", "admin", "member", "guest"] as const;
const person = (role: (typeof roles)[number], userId: string = role) => ({ userId, role });

it("lets owners and admins look after it", () => {
  expect(roles.filter((role) => isModerator(person(role)))).toEqual(["owner", "admin"]);
});

it("lets owners remove and ban everybody but an owner, admins members and guests", () => {
  const removes = roles.map((role) => roles.filter((other) => rightsOver(person(role), person(other, "other")).remove));
  expect(removes).toEqual([["admin", "member", "guest"], ["member", "guest"], [], []]);
});

it("lets owners make members admins and admins members", () => {
  const appoints = roles.map((role) => roles.map((other) => rightsOver(person(role), person(other, "other")).appoint));
  const nothing = [undefined, undefined, undefined, undefined];
  expect(appoints).toEqual([[undefined, "member", "admin", undefined], nothing, nothing, nothing]);
});

it("gives nobody rights over themselves", () => {
  for (const role of roles) {
    expect(rightsOver(person(role, "me"), person(role, "me"))).toEqual({ remove: false, appoint: undefined });
  }
});
