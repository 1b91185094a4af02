// Cookies: over https no other host and no plain connection can set them.
import assert from "node:assert/strict";
import { openTestServer, PASSWORD, type Person, type TestServer } from "../support/server.ts";

const FORM = { "Sec-Fetch-Site": "same-origin" };

Deno.test("cookies", async (t) => {
  for (
    const [kind, settings] of [["https", { PUBLIC_URL: "https://media.example.org" }], ["http", {}]] as const
  ) {
    await t.step(`on ${kind}`, async () => {
      const server = await openTestServer({ settings });
      const person = await server.addPerson();
      const guarded = await server.addPerson();
      await server.addPasskey(guarded);
      const session = await signIn(server, person);
      const step = await signIn(server, guarded);
      const [name] = session.split("=");
      const saved = await send(server, "/settings/profile", { name: "Ada" }, session);
      const notice = saved.find((cookie) => cookie.includes("_flash"))!;
      const page = await fetch(`${server.url}/settings`, {
        headers: { Cookie: [session, notice.split(";")[0]].join("; ") },
      });
      assert.match(await page.text(), /toast/);
      const gone = await send(server, "/sign-out", {}, session);
      const all = [session, step, ...saved, ...page.headers.getSetCookie(), ...gone];
      assert.equal(all.length, 5);
      for (const cookie of all) {
        assert.equal(/^__Host-akashi/.test(cookie), kind === "https", cookie);
        assert.equal(/; Secure/.test(cookie), kind === "https", cookie);
        assert.match(cookie, /Path=\//);
      }
      for (const cookie of [session, step, notice]) assert.match(cookie, /HttpOnly.*SameSite=Lax/);
      const again = (await signIn(server, person)).split(";")[0]!;
      const other = kind === "https" ? again.replace("__Host-", "") : `__Host-${again}`;
      assert.equal(name, again.split("=")[0]);
      assert.equal(await statusOf(server, again), 200);
      assert.equal(await statusOf(server, other), 303, "the other name is nobody's");
      await server.close();
    });
  }
});

Deno.test("what a browser kept goes with its session, and pages are kept nowhere", async () => {
  const server = await openTestServer();
  const person = await server.addPerson();
  const session = (await signIn(server, person)).split(";")[0]!;
  const ask = async (path: string, cookie: string, method = "GET") => {
    const init = { method, redirect: "manual", headers: { ...FORM, Cookie: cookie } } as const;
    const { headers, body } = await fetch(`${server.url}${path}`, init);
    await body?.cancel();
    const cleared = headers.get("Clear-Site-Data");
    return { cleared, caching: headers.get("Cache-Control"), cookies: headers.getSetCookie().join() };
  };
  for (const path of ["/", "/settings", "/admin", "/jobs", "/nowhere"]) {
    assert.deepEqual(await ask(path, session), { cleared: null, caching: "no-store", cookies: "" });
  }
  assert.equal((await ask("/sign-in", "")).cleared, null, "a stranger keeps what is theirs");
  const out = await ask("/sign-out", session, "POST");
  const late = await ask("/sign-in", session);
  for (const { cleared } of [out, late]) assert.equal(cleared, '"cache", "storage"');
  assert.match(out.cookies, /^akashi=; Max-Age=0/);
  await server.close();
});

async function signIn(server: TestServer, { email }: Person): Promise<string> {
  const [cookie] = await send(server, "/sign-in", { email, password: PASSWORD });
  return cookie!;
}

async function send(server: TestServer, path: string, fields: Record<string, string>, cookie = "") {
  const response = await fetch(`${server.url}${path}`, {
    method: "POST",
    redirect: "manual",
    headers: { ...FORM, Cookie: cookie },
    body: new URLSearchParams(fields),
  });
  await response.body?.cancel();
  assert.equal(response.status, 303);
  return response.headers.getSetCookie();
}

async function statusOf(server: TestServer, cookie: string): Promise<number> {
  const response = await fetch(`${server.url}/settings`, { redirect: "manual", headers: { Cookie: cookie } });
  await response.body?.cancel();
  return response.status;
}
