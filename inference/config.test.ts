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
