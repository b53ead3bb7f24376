import { html, raw } from "hono/html";
import { errorCodes as roomErrorCodes } from "../conversation/error-codes.ts";
import { errorCodes } from "./error-codes.ts";

type Json = Readonly<Record<string, unknown>>;

/** The reference page of the API, made from its OpenAPI document: no script, nothing from elsewhere. */
export function docsPage(document: object) {
  const { paths, components } = document as { paths: Record<string, Json>; components: { schemas: Json } };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...(operation as Operation) })),
  );
  const tags = [...new Set(operations.flatMap(({ tags = [] }) => tags))];
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Meeshy API</title>
    <style>${raw(style)}</style>
  </head>
  <body>
    <main>
      <h1>Meeshy API</h1>
      <p>
        Everyone writes in their own language, everyone reads in theirs. Every path below begins with <code>/api</code>.
        Send <code>Authorization: Bearer ACCESS_TOKEN</code> where a lock is shown; get the token by signing in. The machine-readable
        document is <a href="/api/openapi.json">openapi.json</a>; live events come over a
        WebSocket at <code>/ws</code>.
      </p>
      <nav>${tags.map((tag) => html`<a href="#${anchor(tag)}">${tag}</a> `)}<a href="#schemas">Schemas</a> <a href="#errors">Errors</a></nav>
      ${tags.map(
        (tag) => html`<section id="${anchor(tag)}">
          <h2>${tag}</h2>
          ${operations.filter(({ tags = [] }) => tags.includes(tag)).map(operationHtml)}
        </section>`,
      )}
      <section id="schemas">
        <h2>Schemas</h2>
        ${Object.entries(components.schemas).map(
          ([name, schema]) =>
            html`<details id="schema-${name}"><summary><code>${name}</code></summary><pre>${JSON.stringify(schema, null, 2)}</pre></details>`,
        )}
      </section>
      <section id="errors">
        <h2>Errors</h2>
        <p>A refusal is <code>application/problem+json</code> (RFC 9457) with one of these codes.</p>
        <table>
          <thead><tr><th>code</th><th>status</th><th>what to do</th></tr></thead>
          <tbody>
            ${Object.entries({ ...errorCodes, ...roomErrorCodes }).map(
              ([code, { status, message }]) =>
                html`<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${message}</td></tr>`,
            )}
          </tbody>
        </table>
      </section>
    </main>
  </body>
</html>`;
}

interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Json };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Json }>>;
}

function operationHtml({ path, method, ...operation }: Operation & { path: string; method: string }) {
  const { summary, description, security, parameters = [], requestBody, responses } = operation;
  return html`<article>
    <h3><code>${method.toUpperCase()} ${path}</code>${security === undefined ? "" : html` <span title="Needs a bearer token" aria-label="needs a bearer token">🔒</span>`}</h3>
    <p>${summary}.${description === undefined ? "" : ` ${description}`}</p>
    <ul>
      ${parameters.map((one) => html`<li>${one.in} <code>${one.name}</code>${one.required ? "" : " (optional)"}</li>`)}
      ${requestBody === undefined ? "" : html`<li>body: ${schemaLink(requestBody.content)}</li>`}
      ${Object.entries(responses).map(
        ([status, answer]) =>
          html`<li>${status === "default" ? "otherwise" : status}: ${answer.description} ${answer.content === undefined ? "" : schemaLink(answer.content)}</li>`,
      )}
    </ul>
  </article>`;
}

function schemaLink(content: Json) {
  const name = /"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(content))?.[1];
  return name === undefined ? "" : html`<a href="#schema-${name}"><code>${name}</code></a>`;
}

const anchor = (tag: string): string => tag.toLowerCase().replaceAll(" ", "-");

const style = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.6 system-ui, sans-serif; margin: 0; }
  main { max-width: 52rem; margin: 0 auto; padding: 2rem 1.25rem 6rem; }
  nav { display: flex; flex-wrap: wrap; gap: 1rem; }
  h2 { margin-top: 3rem; } h3 { margin: 2rem 0 0; font-size: 1rem; }
  article p { margin: 0.25rem 0; } ul { margin: 0.25rem 0; }
  pre { overflow-x: auto; padding: 1rem; background: color-mix(in srgb, currentColor 7%, transparent); border-radius: 0.5rem; font-size: 0.85rem; }
  table { border-collapse: collapse; } td, th { text-align: start; padding: 0.35rem 1rem 0.35rem 0; vertical-align: top; }
  :target { outline: 2px solid; outline-offset: 4px; }
`;
