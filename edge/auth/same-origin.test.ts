import { describe, expect, it } from "vitest";
import { requireSameOrigin } from "./same-origin.ts";

const outcome = (method: string, headers: Record<string, string>, url = "https://meeshy.test/api/users/me") => {
  try {
    requireSameOrigin(new Request(url, { method, headers }));
    return "accepted";
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
};

const own = { origin: "https://meeshy.test" };
const foreign = { origin: "https://evil.test" };

describe("a request that changes something", () => {
  it.each([
    ["our own origin", own],
    ["our own page, says Fetch Metadata", { "sec-fetch-site": "same-origin" }],
  ])("is accepted from %s", (_, headers) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) expect(outcome(method, headers)).toBe("accepted");
  });

  it.each<[string, Record<string, string>]>([
    ["another site", foreign],
    ["another site whatever Fetch Metadata says", { ...foreign, "sec-fetch-site": "same-origin" }],
    ["plain HTTP", { origin: "http://meeshy.test" }],
    ["another port", { origin: "https://meeshy.test:8443" }],
    ["a subdomain", { origin: "https://blog.meeshy.test" }],
    ["a name that begins like ours", { origin: "https://meeshy.test.evil.test" }],
    ["a sandboxed page", { origin: "null" }],
    ["a sister site", { "sec-fetch-site": "same-site" }],
    ["an address that somebody typed", { "sec-fetch-site": "none" }],
    ["nowhere in particular", {}],
    ["a page of ours by its address alone", { referer: "https://meeshy.test/" }],
  ])("is refused from %s", (_, headers) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      expect(outcome(method, headers)).toBe("cross_site_request");
    }
  });

  it("is compared with the port of this machine too", () => {
    const url = "http://localhost:8787/api/users/me";
    expect(outcome("POST", { origin: "http://localhost:8787" }, url)).toBe("accepted");
    expect(outcome("POST", { origin: "http://localhost:3000" }, url)).toBe("cross_site_request");
  });
});

it("lets every site read, since browsers keep the answer from it", () => {
  for (const method of ["GET", "HEAD", "OPTIONS"]) expect(outcome(method, foreign)).toBe("accepted");
});
