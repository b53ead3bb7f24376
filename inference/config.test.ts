import { expect, it } from "vitest";
import { readConfig } from "./config.ts";

it("has a default for everything", () => {
  expect(readConfig({})).toMatchObject({ HOST: "127.0.0.1", GRPC_PORT: 8443, WORKERS: 1, ML_BATCH_SIZE: 32 });
});

it("takes an empty variable for an unset one", () => {
  expect(readConfig({ ML_BATCH_SIZE: "" }).ML_BATCH_SIZE).toBe(32);
});

it("names every variable that is wrong", () => {
  expect(() => readConfig({ WORKERS: "0", ML_BATCH_SIZE: "many" })).toThrow(/WORKERS: .*ML_BATCH_SIZE: /);
});

it("refuses half a certificate", () => {
  expect(() => readConfig({ TLS_CERT: "cert.pem" })).toThrow(/both TLS_CERT and TLS_KEY/);
});

it("refuses half a registration", () => {
  expect(() => readConfig({ FLEET_URL: "https://chat.test" })).toThrow(/all of FLEET_URL, FLEET_SECRET and NODE_URL/);
  const whole = { FLEET_URL: "https://chat.test", FLEET_SECRET: "x".repeat(32), NODE_URL: "https://node.test" };
  expect(readConfig(whole)).toMatchObject(whole);
  expect(() => readConfig({ ...whole, NODE_URL: "http://node.test" })).toThrow(/NODE_URL: must be an https/);
});
