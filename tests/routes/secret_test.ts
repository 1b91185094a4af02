// Rotation of AKASHI_SECRET: a server with the new secret that still accepts the old one, then one without it.
import assert from "node:assert/strict";
import type { Config } from "../../lib/platform/config.ts";
import { signUrl } from "../../lib/platform/storage/signed.ts";
import { startServer } from "../../routes/server.ts";
import { openTestServer, PASSWORD } from "../support/server.ts";

const NEXT = "the secret that comes after, which is long enough";
const LATER = "the secret that comes after that one, long enough";

Deno.test("replacing AKASHI_SECRET keeps everyone signed in", async (t) => {
  const server = await openTestServer();
  const old = server.config.AKASHI_SECRET;
  const person = await server.addPerson();
  const serve = (secrets: Partial<Config>) =>
    startServer({ ...server.platform, config: { ...server.config, ...secrets } });
  const post = async (url: string, path: string, body: unknown) => {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${url}/api/v1/auth${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const logIn = (url: string) => post(url, "/login", { email: person.email, password: PASSWORD });
  const ask = async (url: string, headers: Record<string, string>) => {
    const response = await fetch(`${url}/api/v1/auth/me`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

  const { body: pair } = await logIn(server.url);
  const api = await server.client(person);
  const [used, unused] = await Promise.all(
    ["used", "unused"].map(async (name) =>
      (await api.json("POST", "/api/v1/api-keys", { name }, 201)).key as string
    ),
  );
  const cookie = await signInCookie(server.url, person.email);
  const signed = signUrl(server.config, "GET", { bucket: "proxies", key: "nothing" }, { expiresSeconds: 60 });

  const during = serve({ AKASHI_SECRET: NEXT, AKASHI_SECRET_PREVIOUS: old });
  const url = `http://127.0.0.1:${during.port}`;
  await t.step("earlier tokens, keys and links stay valid at a server with the new secret", async () => {
    assert.equal(await ask(url, bearer(pair.access_token)), 200);
    assert.equal(await ask(url, { Cookie: cookie }), 200);
    assert.equal(await ask(url, { "X-API-Key": used! }), 200);
    const found = await fetch(url + signed);
    await found.body?.cancel();
    assert.equal(found.status, 404, "the signature is good, there is no such object");
  });

  await t.step("a refresh whose answer was lost before gets the same answer afterwards", async () => {
    const { body: first } = await logIn(server.url);
    const { body: lost } = await post(server.url, "/refresh", { refresh_token: first.refresh_token });
    const { body: again } = await post(url, "/refresh", { refresh_token: first.refresh_token });
    assert.equal(again.refresh_token, lost.refresh_token);
    const { status } = await post(url, "/refresh", { refresh_token: again.refresh_token });
    assert.equal(status, 200);
  });

  await t.step(
    "new tokens name another key, and servers with only the old secret refuse them",
    async () => {
      const { body: renewed } = await post(url, "/refresh", { refresh_token: pair.refresh_token });
      assert.notEqual(keyIdOf(renewed.access_token), keyIdOf(pair.access_token));
      assert.equal(await ask(url, bearer(renewed.access_token)), 200);
      assert.equal(await ask(server.url, bearer(renewed.access_token)), 401);
    },
  );

  await t.step(
    "a server configured for the coming secret already accepts tokens made with it",
    async () => {
      const before = serve({ AKASHI_SECRET_PREVIOUS: NEXT });
      const { body: theirs } = await logIn(url);
      assert.equal(await ask(`http://127.0.0.1:${before.port}`, bearer(theirs.access_token)), 200);
      await before.stop();
    },
  );

  await t.step(
    "without the old secret, sessions and keys used meanwhile stay valid, others do not",
    async () => {
      const { body: renewed } = await logIn(url);
      const after = serve({ AKASHI_SECRET: NEXT });
      const there = `http://127.0.0.1:${after.port}`;
      assert.equal(await ask(there, bearer(pair.access_token)), 401);
      assert.equal(await ask(there, bearer(renewed.access_token)), 200);
      assert.equal(await ask(there, { Cookie: cookie }), 200);
      assert.equal(await ask(there, { "X-API-Key": used! }), 200);
      assert.equal(await ask(there, { "X-API-Key": unused! }), 401);
      const refused = await fetch(there + signed);
      await refused.body?.cancel();
      assert.equal(refused.status, 403);
      await after.stop();
    },
  );

  await t.step("tokens of an unrelated secret are refused", async () => {
    const stranger = serve({ AKASHI_SECRET: LATER });
    assert.equal(await ask(`http://127.0.0.1:${stranger.port}`, bearer(pair.access_token)), 401);
    await stranger.stop();
  });

  await during.stop();
  await server.close();
});

function keyIdOf(token: string): string {
  const header = token.split(".")[0]!.replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(header)).kid;
}

async function signInCookie(url: string, email: string): Promise<string> {
  const response = await fetch(`${url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { "Sec-Fetch-Site": "same-origin" },
    body: new URLSearchParams({ email, password: PASSWORD }),
  });
  await response.body?.cancel();
  return response.headers.get("Set-Cookie")!.split(";")[0]!;
}
