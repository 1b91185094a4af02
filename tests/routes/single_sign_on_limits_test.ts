// Limits of single sign-on: which addresses servers call, how often, and what a browser stores.
import assert from "node:assert/strict";
import { openFakeProvider } from "../support/fake_provider.ts";
import { openTestServer } from "../support/server.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

/** The response to a sign-in by the only provider of a server. */
async function open(settings: Record<string, string>, change = (issuer: string) => issuer) {
  const fake = await openFakeProvider();
  const server = await openTestServer({ settings });
  const admin = await server.client();
  const fields = { name: "Casa", issuer: change(fake.issuer), client_id: "akashi" };
  const { id } = await admin.json("POST", "/api/v1/providers", fields, 201);
  return {
    ask: async (way: "with" | "back") => {
      const response = await fetch(`${server.url}/sign-in/${way}/${id}`, { redirect: "manual" });
      await response.body?.cancel();
      return response;
    },
    close: async () => {
      await server.close();
      await fake.close();
    },
  };
}

Deno.test("a provider on a private network is not called when that is forbidden", OPTIONS, async () => {
  for (const host of ["127.0.0.1", "localhost"]) {
    const settings = { OIDC_ALLOW_PRIVATE_ISSUERS: "false" };
    const site = await open(settings, (issuer) => issuer.replace("127.0.0.1", host));
    assert.equal((await site.ask("with")).status, 503, host);
    await site.close();
  }
});

Deno.test("beginning and finishing count as sign-in attempts", OPTIONS, async () => {
  const site = await open({ RATE_LIMIT_PER_MINUTE: "4" });
  const statuses = [];
  for (const way of ["with", "back", "with", "back", "with"] as const) {
    statuses.push((await site.ask(way)).status);
  }
  // The sign-in of the administrator was the first.
  assert.deepEqual(statuses, [303, 403, 303, 429, 429]);
  await site.close();
});

Deno.test(
  "the sealed state is kept in a browser for ten minutes, unreadable by scripts and other sites",
  OPTIONS,
  async () => {
    const site = await open({ PUBLIC_URL: "https://media.example.org" });
    const response = await site.ask("with");
    const asked = new URL(response.headers.get("Location")!).searchParams;
    assert.match(asked.get("redirect_uri")!, /^https:\/\/media\.example\.org\/sign-in\/back\//);
    const [cookie] = response.headers.getSetCookie();
    assert.match(cookie!, /^__Host-akashi-provider=[\w-]+;/);
    for (const part of ["Path=/", "Max-Age=600", "HttpOnly", "Secure", "SameSite=Lax"]) {
      assert.ok(cookie!.split("; ").includes(part), part);
    }
    assert.ok(
      !cookie!.includes(asked.get("state")!) && !cookie!.includes(asked.get("nonce")!),
      "it is sealed",
    );
    assert.equal(response.headers.get("Cache-Control"), "no-store");
    await site.close();
  },
);
