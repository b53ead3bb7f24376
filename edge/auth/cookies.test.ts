import { expect, it } from "vitest";
import { clearedCookies, readCookies, sessionCookies } from "./cookies.ts";

const tokens = { accessToken: "a", refreshToken: "r" };
const read = (cookie: string) => Object.fromEntries(readCookies(new Headers({ cookie })));

it("keeps session cookies from scripts and other sites, and from plain HTTP where the site has better", () => {
  expect(sessionCookies(tokens, "https://meeshy.test/")).toEqual([
    "meeshy_access=a; Path=/; Max-Age=900; HttpOnly; SameSite=Lax; Secure",
    "meeshy_refresh=r; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure",
  ]);
  expect(sessionCookies(tokens, "http://localhost:8787/")).toEqual([
    "meeshy_access=a; Path=/; Max-Age=900; HttpOnly; SameSite=Lax",
    "meeshy_refresh=r; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax",
  ]);
});

it("clears just the cookies that it sets, with the same attributes", () => {
  const url = "https://meeshy.test/";
  const withoutValues = (cookies: readonly string[]) =>
    cookies.map((cookie) => cookie.replace(/=[^;]*/, "").replace(/Max-Age=\d+/, ""));
  expect(withoutValues(clearedCookies(url))).toEqual(withoutValues(sessionCookies(tokens, url)));
  for (const cookie of clearedCookies(url)) expect(cookie).toMatch(/^\w+=; .*Max-Age=0;/);
});

it("reads cookies as browsers send them, the first of a name before the others", () => {
  expect(read("a=1; b=x=y;c = 2 ;; d; =e; a=3")).toEqual({ a: "1", b: "x=y", c: "2" });
  expect(read("")).toEqual({});
  expect(Object.fromEntries(readCookies(new Headers()))).toEqual({});
});
