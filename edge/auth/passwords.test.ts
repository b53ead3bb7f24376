import { expect, it } from "vitest";
import { hashPassword, verifyPassword } from "./passwords.ts";

const password = "correct horse 🔋 staple";

it("knows a password by its hash, and no other", async () => {
  const hash = await hashPassword(password, 4);
  expect(hash).toMatch(/^\$2b\$04\$/);
  expect(await verifyPassword(password, hash)).toBe(true);
  for (const other of ["", "correct horse", password.toUpperCase(), `${password} `, `${password}\0`]) {
    expect(await verifyPassword(other, hash)).toBe(false);
  }
});

it("hashes the same password differently each time, with a cost of 10 unless told otherwise", async () => {
  const [one, two] = [await hashPassword(password, 4), await hashPassword(password, 4)];
  expect(one).not.toBe(two);
  expect(await hashPassword(password)).toMatch(/^\$2b\$10\$/);
});

it("tells two passwords of 72 bytes apart by their last one", async () => {
  const hash = await hashPassword(`${"é".repeat(35)}ab`, 4);
  expect(await verifyPassword(`${"é".repeat(35)}ab`, hash)).toBe(true);
  expect(await verifyPassword(`${"é".repeat(35)}ac`, hash)).toBe(false);
});

it("has no password for who has no hash, and takes a hash's time to say so", async () => {
  const begun = performance.now();
  expect(await verifyPassword(password, undefined)).toBe(false);
  // Milliseconds: a hash of cost 10 takes at least five times as long, an answer without one a hundredth.
  expect(performance.now() - begun).toBeGreaterThan(5);
});
