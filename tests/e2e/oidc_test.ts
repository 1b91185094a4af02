// Single sign-on in a browser at a real OpenID provider, which runs in its own process.
import assert from "node:assert/strict";
import { axeFindings, openSite, type Page, PHONE, type Site } from "../support/browser.ts";
import { holdPort, type RunningProvider, startOidcProvider } from "../support/oidc_provider.ts";
import type { Client } from "../support/server.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

let site: Site;
let admin: Client;
let provider: RunningProvider;
let issuer: string;
Deno.test.beforeAll(async () => {
  site = await openSite({ worker: false });
  const { port, release } = holdPort();
  issuer = `http://localhost:${port}`;
  admin = await site.client(await site.addPerson());

  const secrets = { client_id: "akashi", client_secret: "a secret of ours" };
  const fields = { name: "TV login", issuer, ...secrets, creates_users: true };
  const { id } = await admin.json("POST", "/api/v1/providers", fields, 201);
  release();
  const redirectUri = `${site.url}/sign-in/back/${id}`;
  provider = await startOidcProvider(port, [{ ...secrets, redirect_uris: [redirectUri] }]);
  await admin.json("PATCH", `/api/v1/providers/${id}`, {
    scopes: ["openid", "email", "profile", "groups"],
    group_claim: "groups",
    group_roles: { newsroom: "editor", chiefs: "manager" },
  });
});
Deno.test.afterAll(async () => {
  await provider.stop();
  await site.close();
});

Deno.test(
  "an account is made with the role of its groups, and led to the page that was asked for",
  OPTIONS,
  async () => {
    await provider.tell("ana", person("ana", ["newsroom"]));
    const { page, problems } = await site.stranger();
    await page.goto("/jobs");
    assert.deepEqual(await axeFindings(page), []);
    await signInAt(page, "ana");
    await page.waitForSelector('#page[data-page="jobs"]');
    assert.ok(await page.locator("[data-upload]").count() > 0, "an editor uploads");
    await page.goto("/settings/security");
    assert.match(await page.textContent("#security-providers + ul") ?? "", /TV login/);
    assert.deepEqual(await axeFindings(page), []);

    await provider.tell("ana", person("ana", ["chiefs"]));
    // The provider still has its own session and asks for nothing.
    await page.click(".menu summary");
    await page.click("form[action='/sign-out'] button");
    await page.click(".ways a");
    await page.waitForSelector('#page[data-page="library"]');
    const { items } = await admin.json("GET", "/api/v1/audit?action=user.update");
    assert.deepEqual(items[0]!.after, { role: "manager" });
    const sessions = await admin.json("GET", "/api/v1/audit?action=session.create");
    assert.equal(sessions.items[0]!.after!.provider, "TV login");
    assert.deepEqual(ownProblems(problems), []);
  },
);

Deno.test("sign-in works on a phone, in Portuguese and without scripts", OPTIONS, async () => {
  await provider.tell("bia", person("bia", ["newsroom"]));
  const { page } = await site.stranger({ ...PHONE, language: "pt-BR", scripts: false });
  await page.goto("/sign-in");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
  assert.match(await page.textContent(".ways a") ?? "", /Continuar com TV login/);
  await signInAt(page, "bia");
  await page.waitForSelector('#page[data-page="library"]');
});

Deno.test("consent that is refused at the provider is reported", OPTIONS, async () => {
  const { page } = await site.stranger();
  await page.goto("/sign-in");
  await page.click(".ways a");
  await page.waitForURL(`${issuer}/**`);
  await page.click("a:has-text('Cancel')");
  await page.waitForSelector("[role=alert]");
  assert.match(await page.textContent("[role=alert]") ?? "", /did not confirm/);
});

Deno.test("a change of factors requires to sign in at the provider again", OPTIONS, async () => {
  await provider.tell("caio", person("caio", ["newsroom"]));
  const { page } = await site.stranger();
  await page.goto("/sign-in");
  await signInAt(page, "caio");
  await page.waitForSelector('#page[data-page="library"]');
  await site.platform.db.asSystem((sql) =>
    sql`update sessions set created_at = now() - interval '16 minutes' where revoked_at is null`
  );
  await page.goto("/settings/security");
  await page.click(".notice a");
  await signInAt(page, "caio");
  await page.waitForSelector("form[action='/settings/security/totp']");
});

/** From the sign-in page to the provider, through its login, and back. */
async function signInAt(page: Page, name: string): Promise<void> {
  // The provider's pages load fonts from the Internet and are not painted until that fails.
  await page.route("https://fonts.googleapis.com/**", (route) => route.abort());
  await page.click(".ways a");
  await page.waitForURL(`${issuer}/**`);
  await page.fill("[name=login]", name);
  await page.fill("[name=password]", "whatever");
  await page.click("[type=submit]");
  // The provider asks for consent once.
  await page.locator("[type=submit]:has-text('Continue'), #page, .gate").first().waitFor();
  if (page.url().startsWith(issuer)) await page.click("[type=submit]");
  await page.waitForURL(`${site.url}/**`);
}

/** Without problems of the provider's pages and the failed loads that refusals are for the console. */
function ownProblems(problems: string[]): string[] {
  return problems.filter((each) => !each.includes(issuer) && !/status of (403|422)|fonts\.g/.test(each));
}

function person(name: string, groups: string[]) {
  return { email: `${name}@example.org`, email_verified: true, name, groups };
}
