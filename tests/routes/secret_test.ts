// Rotation of AKASHI_SECRET: a server with the new secret that still accepts the old one, then one without it.
import assert from "node:assert/strict";
import type { Config } from "../../lib/platform/config.ts";
import { signUrl } from "../../lib/platform/storage/signed.ts";
import { startServer } from "../../routes/server.ts";
import { openTestServer, PASSWORD, type Person, type TestServer } from "../support/server.ts";

const NEXT = "the secret that comes after, which is long enough";
const LATER = "the secret that comes after that one, long enough";

interface Pair {
  access_token: string;
  refresh_token: string;
}

/** Has the old secret only. */
let server: TestServer;
/** Has the new secret, and the old one as the previous. */
let rotated: Awaited<ReturnType<typeof serve>>;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  rotated = await serve({ AKASHI_SECRET: NEXT, AKASHI_SECRET_PREVIOUS: server.config.AKASHI_SECRET });
});
Deno.test.afterAll(async () => {
  await rotated.stop();
  await server.close();
});

Deno.test("earlier tokens, keys and links stay valid at a server with the new secret", async () => {
  const person = await server.addPerson();
  const { access_token } = await logIn(server.url, person);
  assert.equal(await ask(rotated.url, bearer(access_token)), 200);
  assert.equal(await ask(rotated.url, { Cookie: await signInCookie(person) }), 200);
  assert.equal(await ask(rotated.url, { "X-API-Key": await createKey(person) }), 200);
  assert.equal(
    await statusOf(rotated.url + signedPath(person)),
    404,
    "the signature is valid, the object missing",
  );
});

Deno.test("a refresh whose answer was lost before gets the same answer afterwards", async () => {
  const first = await logIn(server.url, await server.addPerson());
  const lost = await refresh(server.url, first);
  const again = await refresh(rotated.url, first);
  assert.equal(again.refresh_token, lost.refresh_token);
  await refresh(rotated.url, again);
});

Deno.test("new tokens name another key, and servers with only the old secret refuse them", async () => {
  const pair = await logIn(server.url, await server.addPerson());
  const renewed = await refresh(rotated.url, pair);
  assert.notEqual(keyIdOf(renewed.access_token), keyIdOf(pair.access_token));
  assert.equal(await ask(rotated.url, bearer(renewed.access_token)), 200);
  assert.equal(await ask(server.url, bearer(renewed.access_token)), 401);
});

Deno.test("a server configured for the coming secret already accepts tokens made with it", async () => {
  const prepared = await serve({ AKASHI_SECRET_PREVIOUS: NEXT });
  const { access_token } = await logIn(rotated.url, await server.addPerson());
  assert.equal(await ask(prepared.url, bearer(access_token)), 200);
  await prepared.stop();
});

Deno.test("without the old secret, sessions and keys used meanwhile stay valid, others do not", async () => {
  const person = await server.addPerson();
  const { access_token: early } = await logIn(server.url, person);
  const cookie = await signInCookie(person);
  const [used, unused] = [await createKey(person), await createKey(person)];
  const signed = signedPath(person);
  assert.equal(await ask(rotated.url, { Cookie: cookie }), 200);
  assert.equal(await ask(rotated.url, { "X-API-Key": used }), 200);
  const { access_token: renewed } = await logIn(rotated.url, person);

  const after = await serve({ AKASHI_SECRET: NEXT });
  assert.equal(await ask(after.url, bearer(early)), 401);
  assert.equal(await ask(after.url, bearer(renewed)), 200);
  assert.equal(await ask(after.url, { Cookie: cookie }), 200);
  assert.equal(await ask(after.url, { "X-API-Key": used }), 200);
  assert.equal(await ask(after.url, { "X-API-Key": unused }), 401);
  assert.equal(await statusOf(after.url + signed), 403);
  await after.stop();
});

Deno.test("tokens of an unrelated secret are refused", async () => {
  const { access_token } = await logIn(server.url, await server.addPerson());
  const unrelated = await serve({ AKASHI_SECRET: LATER });
  assert.equal(await ask(unrelated.url, bearer(access_token)), 401);
  await unrelated.stop();
});

/** Another server on the same data, with these secrets. */
async function serve(secrets: Partial<Config>) {
  const { port, stop } = await startServer({ ...server.platform, config: { ...server.config, ...secrets } });
  return { url: `http://127.0.0.1:${port}`, stop };
}

function logIn(url: string, { email }: Person): Promise<Pair> {
  return post(`${url}/api/v1/auth/login`, { email, password: PASSWORD });
}

function refresh(url: string, { refresh_token }: Pair): Promise<Pair> {
  return post(`${url}/api/v1/auth/refresh`, { refresh_token });
}

async function post(url: string, body: object): Promise<Pair> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(response.status, 200, await response.clone().text());
  return await response.json();
}

/** The status of a request for the own account with these credentials. */
function ask(url: string, headers: Record<string, string>): Promise<number> {
  return statusOf(`${url}/api/v1/auth/me`, headers);
}

async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, { headers });
  await response.body?.cancel();
  return response.status;
}

function bearer(token: string) {
  return { Authorization: `Bearer ${token}` };
}

async function createKey(person: Person): Promise<string> {
  const client = await server.client(person);
  return (await client.json("POST", "/api/v1/api-keys", { name: "robot" }, 201)).key;
}

/** A path to a missing object, signed with the old secret. */
/** Of an object that this person's tenant could have. */
function signedPath({ tenantCode }: Person): string {
  return signUrl(server.config, "GET", { bucket: "proxies", key: `${tenantCode}/nothing` }, {
    expiresSeconds: 60,
  });
}

function keyIdOf(token: string): string {
  const header = token.split(".")[0]!.replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(header)).kid;
}

/** The session cookie of a browser that signs in at the server with the old secret. */
async function signInCookie({ email }: Person): Promise<string> {
  const response = await fetch(`${server.url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { "Sec-Fetch-Site": "same-origin" },
    body: new URLSearchParams({ email, password: PASSWORD }),
  });
  await response.body?.cancel();
  return response.headers.get("Set-Cookie")!.split(";")[0]!;
}
