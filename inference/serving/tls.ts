import { X509Certificate as X509 } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";
import type { InferenceConfig } from "../config.ts";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The server's certificate: the configured one, else one for localhost that is made at the first start and kept. */
export async function loadCertificate({ TLS_CERT, TLS_KEY, TLS_DIR }: InferenceConfig): Promise<Certificate> {
  if (TLS_CERT !== undefined && TLS_KEY !== undefined) return read(TLS_CERT, TLS_KEY);
  const [certFile, keyFile] = [join(TLS_DIR, "cert.pem"), join(TLS_DIR, "key.pem")];
  if (!existsSync(certFile) || !existsSync(keyFile) || isOld(certFile)) await make(TLS_DIR, certFile, keyFile);
  return read(certFile, keyFile);
}

const days = 365;

async function make(folder: string, certFile: string, keyFile: string): Promise<void> {
  const notBeforeDate = new Date(Date.now() - 3_600_000);
  const notAfterDate = new Date(Date.now() + days * 24 * 3_600_000);
  const made = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
          { type: 7, ip: "::1" },
        ],
      },
    ],
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(keyFile, made.private, { mode: 0o600 });
  writeFileSync(certFile, made.cert);
}

/** True in the last month of its validity. */
function isOld(certFile: string): boolean {
  const validTo = Date.parse(new X509(readFileSync(certFile)).validTo);
  return validTo - Date.now() < 30 * 24 * 3_600_000;
}

function read(certFile: string, keyFile: string): Certificate {
  return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
}
