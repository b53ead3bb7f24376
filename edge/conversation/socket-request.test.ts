import { expect, it } from "vitest";
import { personHeader, readSocketRequest } from "./socket-request.ts";
import { ana } from "./testing/room.ts";

function open(options: { query?: string; subprotocols?: string; person?: unknown; upgrade?: string } = {}) {
  const { query = "", subprotocols, person = { ...ana, displayName: "Añá 👋" }, upgrade = "websocket" } = options;
  const headers = new Headers({ upgrade, [personHeader]: encodeURIComponent(JSON.stringify(person)) });
  if (subprotocols !== undefined) headers.set("sec-websocket-protocol", subprotocols);
  return readSocketRequest(new Request(`https://room/socket?${query}`, { headers }));
}

it("reads person, position and protocol", () => {
  expect(open({ query: "conversation=c1&epoch=e1&offset=12", subprotocols: "meeshy.v1.proto" })).toMatchObject({
    person: { userId: "ana", displayName: "Añá 👋" },
    conversationId: "c1",
    seen: { epoch: "e1", offset: 12 },
    protocol: "proto",
    subprotocol: "meeshy.v1.proto",
  });
});

it("takes the first subprotocol that it knows, and speaks JSON to who asks for none", () => {
  expect(open({ subprotocols: "mqtt, meeshy.v1.json, meeshy.v1.proto" })).toMatchObject({ protocol: "json" });
  expect(open()).toMatchObject({ protocol: "json", subprotocol: "" });
  expect(open({ subprotocols: "mqtt" })).toMatchObject({ status: 400 });
});

it.each(["epoch=e1", "offset=1", "epoch=e1&offset=-1", "epoch=e1&offset=x", "epoch=e1&offset=1.5", "epoch=&offset=1"])(
  "takes a position that is none for none: %s",
  (query) => {
    expect(open({ query })).toMatchObject({ seen: undefined });
  },
);

it("refuses what is no upgrade and whoever the Worker does not vouch for", () => {
  expect(open({ upgrade: "" })).toMatchObject({ status: 426 });
  expect(open({ person: { ...ana, role: "god" } })).toMatchObject({ status: 400 });
  expect(open({ person: { ...ana, readingLanguage: "tlh" } })).toMatchObject({ status: 400 });
});
