import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { Registration } from "./registration.ts";

/** Milliseconds that a busy machine may take. */
const patience = { timeout: 15_000 };

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** An edge that hears nodes, over real HTTP, and a node that announces itself there. */
async function newRegistration(answers: { status: number; body: object }[] = []) {
  const heard: { method: string | undefined; token: string | undefined; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    heard.push({ method: request.method, token: request.headers.authorization, body: await json(request) });
    const { status, body } = answers.shift() ?? { status: 200, body: { heartbeatMs: 100 } };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  open.push(server);
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  const edge = `http://127.0.0.1:${address.port}`;
  const state = { model: "m", version: "1", lanes: 2, queued: 0, msPerRow: 5 };
  const reports: string[] = [];
  const registration = new Registration({
    edge,
    secret: "hush",
    url: "https://node.test",
    state: () => ({ ...state, queued: heard.length }),
    report: (sentence) => reports.push(sentence),
  });
  return { heard, edge, state, reports, registration };
}

it("announces the node with the secret, and how busy it is, again and again", async () => {
  const { heard, edge, state, reports, registration } = await newRegistration();
  await expect.poll(() => heard.length, patience).toBeGreaterThanOrEqual(3);
  await registration.leave();
  const body = { url: "https://node.test", ...state };
  expect(heard.slice(0, 2)).toEqual([
    { method: "POST", token: "Bearer hush", body: { ...body, queued: 0 } },
    { method: "POST", token: "Bearer hush", body: { ...body, queued: 1 } },
  ]);
  expect(reports).toEqual([`Registered https://node.test with ${edge}.`]);
});

it("leaves the fleet when it is told to, and is not heard of again", async () => {
  const { heard, registration } = await newRegistration();
  await expect.poll(() => heard.length, patience).toBeGreaterThanOrEqual(1);
  await registration.leave();
  expect(heard.at(-1)).toEqual({ method: "DELETE", token: "Bearer hush", body: { url: "https://node.test" } });
});

it("says why it is not taken, and leaves all the same", async () => {
  const detail = "Send FLEET_SECRET as a bearer token.";
  const { edge, reports, registration } = await newRegistration([{ status: 401, body: { detail } }]);
  await expect.poll(() => reports, patience).toEqual([`${edge} does not take https://node.test: ${detail}`]);
  await registration.leave();
});
