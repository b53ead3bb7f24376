/** People who share a conversation on a fresh local stack, so that it can be tried at once. */
export const demoPeople = [
  { username: "alice", displayName: "Alice", readingLanguage: "en" },
  { username: "benoit", displayName: "Benoît", readingLanguage: "fr" },
  { username: "layla", displayName: "ليلى", readingLanguage: "ar" },
] as const;

/** The demo people's password: for a machine of one's own only, never created outside the local stack. */
export const demoPassword = "meeshy-demo";

const greetings: Readonly<Record<(typeof demoPeople)[number]["username"], string>> = {
  alice: "Where are you? I'm at home.",
  benoit: "Le train est en retard. Je suis désolé.",
  layla: "الحافلة متأخرة.",
};

/** Creates the demo people and their conversation through the public API. A stack that has them already is left alone. */
export async function createDemo(baseUrl: string): Promise<void> {
  const tokens = new Map<string, string>();
  for (const person of demoPeople) {
    const answer = await post(baseUrl, "/api/auth/register", { ...person, password: demoPassword });
    if (answer.status === 409) return;
    tokens.set(person.username, (await parsed<{ accessToken: string }>(answer)).accessToken);
  }
  const owner = tokens.get("alice");
  const created = await post(
    baseUrl,
    "/api/conversations",
    { title: "Weekend trip", members: ["benoit", "layla"] },
    owner,
  );
  const { id } = await parsed<{ id: string }>(created);
  for (const [username, text] of Object.entries(greetings)) {
    const message = { clientMessageId: `demo-${username}`, text };
    await parsed(await post(baseUrl, `/api/conversations/${id}/messages`, message, tokens.get(username)));
  }
}

function post(baseUrl: string, path: string, body: unknown, token?: string): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return fetch(`${baseUrl}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

async function parsed<Body>(answer: Response): Promise<Body> {
  if (!answer.ok) throw new Error(`The demo could not be created: ${answer.status} ${await answer.text()}`);
  return answer.json() as Promise<Body>;
}
