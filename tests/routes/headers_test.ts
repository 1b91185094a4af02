import assert from "node:assert/strict";
import { openTestServer } from "../support/server.ts";

Deno.test("every kind of answer carries a policy without unsafe sources, and no script stands in a page", async () => {
  const server = await openTestServer();
  const client = await server.client(await server.addPerson({ superuser: true }));
  const { id } = await client.json("POST", "/api/v1/assets", { title: "A film", asset_type: "video" }, 201);
  const paths = [
    `/assets/${id}`,
    `/assets/${id}?edit=1`,
    `/assets/${id}/panel?tab=activity`,
    `/assets/${id}/card`,
    "/assets/cards",
    "/activity",
    "/admin/usage",
    "/admin/groups",
    "/admin/providers",
    "/settings/security",
    "/",
    "/jobs",
    "/settings",
    "/settings/keys",
    "/settings/sessions",
    "/admin",
    "/admin/audit",
    "/admin/tenants",
    "/sign-in",
    "/join?token=x",
    "/nothing/here",
    "/api/v1/docs",
    "/api/v1/assets",
  ];
  for (const path of paths) {
    const response = await client.fetch(path);
    const policy = response.headers.get("Content-Security-Policy") ?? "";
    assert.doesNotMatch(policy, /unsafe-|\*/, path);
    for (
      const directive of [
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]
    ) {
      assert.ok(policy.includes(directive), `${path}: ${directive}`);
    }
    assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff", path);
    const html = await response.text();
    const nonce = /script-src 'nonce-([\w+/=]{22,})';/.exec(policy)?.[1];
    for (const [tag] of html.matchAll(/<(?!hx-partial)[a-z]+(?=[^<>]*\shx-)[^<>]*>|<script[^<>]*>/g)) {
      assert.ok(tag.includes(`nonce="${nonce}"`), `${path}: give this its nonce={ui.nonce}: ${tag}`);
    }
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|\son[a-z]+="|\sstyle="|javascript:/i, path);
  }
  await server.close();
});
