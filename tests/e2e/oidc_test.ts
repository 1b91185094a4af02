// Single sign-on in a browser, at a real OpenID provider in a process of its own.
import assert from "node:assert/strict";
import { stopClock } from "../support/authenticator.ts";
import { axeFindings, openSite, type Page, PHONE } from "../support/browser.ts";
import { holdPort, startOidcProvider } from "../support/oidc_provider.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

Deno.test("single sign-on in a browser", OPTIONS, async (t) => {
  const site = await openSite({ worker: false });
  const codeOf = stopClock(site);
  const { port, release } = holdPort();
  const issuer = `http://localhost:${port}`;
  const admin = await site.client(await site.addPerson());

  // An administrator adds the provider on the page, and gives it the address that is shown there.
  const { page: office, problems: officeProblems } = await site.visit();
  await office.goto("/admin/providers");
  await office.fill("#field-name", "TV login");
  await office.fill("#field-issuer", "login.example.org");
  await office.fill("#field-client_id", "akashi");
  await office.fill("#field-client_secret", "a secret of ours");
  await office.keyboard.press("Enter");
  await office.waitForSelector("#field-issuer[aria-invalid=true]");
  await office.fill("#field-issuer", issuer);
  await office.fill("#field-client_secret", "a secret of ours");
  await office.click("form[action='/admin/providers'] button");
  await office.click("[data-copy=redirect-uri]");
  // Another toast says that the provider is saved.
  await office.locator("#toasts .toast", { hasText: "The address is copied." }).waitFor();
  const redirectUri = await office.evaluate(() => navigator.clipboard.readText());
  const id = redirectUri.split("/").at(-1)!;
  assert.equal(redirectUri, `${site.url}/sign-in/back/${id}`);
  const secrets = { client_id: "akashi", client_secret: "a secret of ours" };
  release();
  const provider = await startOidcProvider(port, [{ ...secrets, redirect_uris: [redirectUri] }]);
  const change = (fields: object) => admin.json("PATCH", `/api/v1/providers/${id}`, fields);

  await t.step("whoever has no account is told so, until the tenant makes accounts", async () => {
    await provider.tell("ana", person("ana", ["newsroom"]));
    const { page, problems } = await site.stranger();
    await page.goto("/jobs");
    assert.deepEqual(await axeFindings(page), []);
    await signInAt(page, "ana");
    await page.waitForSelector("[role=alert]");
    assert.match(await page.textContent("[role=alert]") ?? "", /TV login knows you, but .* invite you/);
    assert.deepEqual(await axeFindings(page), []);

    await office.check("[name=creates_users]");
    await office.fill("#field-scopes", "openid email profile groups");
    await office.fill("#field-group_claim", "groups");
    await office.fill("[name=group_0]", "newsroom");
    await office.selectOption("[name=role_0]", "editor");
    await office.fill("[name=group_1]", "chiefs");
    await office.selectOption("[name=role_1]", "manager");
    await office.click("form.sheet .button--main");
    await office.waitForSelector("[name=group_3]");
    assert.equal(await office.inputValue("[name=group_0]"), "chiefs");
    assert.equal(await office.inputValue("[name=role_0]"), "manager");
    assert.equal(await office.isChecked("[name=creates_users]"), true);

    await page.context().clearCookies();
    await page.goto("/jobs");
    await signInAt(page, "ana");
    await page.waitForSelector('#page[data-page="jobs"]');
    assert.equal(await page.locator(".rail a[href='/admin']").count(), 0);
    await page.goto("/");
    assert.equal(await page.locator("[data-upload]").count() > 0, true, "an editor brings files in");
    await page.goto("/settings/security");
    assert.match(await page.textContent("#security-providers + ul") ?? "", /TV login/);
    assert.deepEqual(await axeFindings(page), []);
    await page.goto("/settings");
    assert.equal(await page.locator("#field-current_password").count(), 0);
    assert.deepEqual(ownProblems([...problems, ...officeProblems]), []);
  });

  await t.step("other groups give another role at the next sign-in", async () => {
    await provider.tell("ana", person("ana", []));
    const { page } = await site.stranger();
    await page.goto("/sign-in");
    await signInAt(page, "ana");
    await page.waitForSelector('#page[data-page="library"]');
    assert.equal(await page.locator("[data-upload]").count(), 0, "a viewer brings none in");
    await provider.tell("ana", person("ana", ["chiefs"]));
    // The provider still knows who it is and asks nothing.
    await page.click(".menu summary");
    await page.click("form[action='/sign-out'] button");
    await page.click(".ways a");
    await page.waitForSelector('#page[data-page="library"]');
    const { items } = await admin.json("GET", "/api/v1/audit?action=user.update");
    assert.deepEqual(items[0]!.after, { role: "manager" });
    const [session] = (await admin.json("GET", "/api/v1/audit?action=session.create")).items;
    assert.equal(session!.after!.provider, "TV login");
  });

  await t.step("on a phone, in Portuguese and without scripts it works as well", async () => {
    await provider.tell("bia", person("bia", ["newsroom"]));
    const { page } = await site.stranger({ ...PHONE, language: "pt-BR", scripts: false });
    await page.goto("/sign-in");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
    assert.match(await page.textContent(".ways a") ?? "", /Continuar com TV login/);
    await signInAt(page, "bia");
    await page.waitForSelector('#page[data-page="library"]');
  });

  await t.step("who says no there is told so here", async () => {
    const { page } = await site.stranger();
    await page.goto("/sign-in");
    await page.click(".ways a");
    await page.waitForURL(`${issuer}/**`);
    await page.click("a:has-text('Cancel')");
    await page.waitForSelector("[role=alert]");
    assert.match(await page.textContent("[role=alert]") ?? "", /did not confirm/);
  });

  await t.step("where a second factor is asked for, one is set up and then shown", async () => {
    await provider.tell("caio", person("caio", ["newsroom"]));
    await askForFactor(true);
    const { page } = await site.stranger();
    await page.goto("/sign-in?next=/jobs");
    await signInAt(page, "caio");
    await page.waitForURL(/\/settings\/security$/);
    await page.click("form[action='/settings/security/totp'] button");
    await page.waitForSelector(".qr");
    const secret = (await page.textContent(".secret"))!.replaceAll(" ", "");
    await page.fill("#field-code", codeOf(secret, -1));
    await page.keyboard.press("Enter");
    await page.waitForSelector("#recovery-codes");

    const { page: next } = await site.stranger();
    await next.goto("/sign-in?next=/jobs");
    await signInAt(next, "caio");
    await next.waitForURL(/second-step\?next=%2Fjobs/);
    await next.fill("#field-otp", codeOf(secret));
    await next.keyboard.press("Enter");
    await next.waitForSelector('#page[data-page="jobs"]');
    await askForFactor(false);
    const [entry] = (await admin.json("GET", "/api/v1/audit?action=session.create")).items;
    assert.deepEqual(entry!.after, { kind: "browser", method: "totp", provider: "TV login" });
  });

  await t.step("a provider that asks for it itself stands for the second factor", async () => {
    await change({ is_strong: true });
    await askForFactor(true);
    for (const name of ["caio", "dora"]) {
      await provider.tell(name, person(name, ["newsroom"]));
      const { page } = await site.stranger();
      await page.goto("/sign-in?next=/jobs");
      await signInAt(page, name);
      await page.waitForSelector('#page[data-page="jobs"]');
    }
    await askForFactor(false);
  });

  await t.step("to change how one signs in one is asked anew, there", async () => {
    const { page } = await site.stranger();
    await page.goto("/sign-in");
    await signInAt(page, "bia");
    await page.waitForSelector('#page[data-page="library"]');
    await site.platform.db.asSystem((sql) =>
      sql`update sessions set created_at = now() - interval '16 minutes' where revoked_at is null`
    );
    await page.goto("/settings/security");
    await page.click(".notice a");
    await signInAt(page, "bia");
    await page.waitForSelector("form[action='/settings/security/totp']");
  });

  await t.step("a provider that is away is named, and the way in by password stays", async () => {
    await provider.stop();
    const { page } = await site.stranger();
    // What it said of itself is remembered for a while; at another address there is nothing to remember.
    await change({ ...secrets, issuer: `${issuer}/gone` });
    await page.goto("/sign-in");
    await page.click(".ways a");
    const notice = await page.textContent(".notice--bad[role=alert]");
    assert.match(notice ?? "", /TV login does not answer right now/);
    assert.equal(await page.locator("#field-password").count(), 1);
  });

  await t.step("it is removed after being asked once, and its button is gone", async () => {
    await office.click("[popovertarget=delete-provider]");
    await office.waitForSelector(".confirm:popover-open");
    assert.deepEqual(await axeFindings(office), []);
    await office.click(".confirm:popover-open .button--danger");
    await office.waitForSelector("#toasts .toast");
    const { page } = await site.stranger();
    await page.goto("/sign-in");
    assert.equal(await page.locator(".ways").count(), 0);
  });

  await site.close();

  /** From the sign-in page to the provider, through its login, and back. */
  async function signInAt(page: Page, name: string): Promise<void> {
    // The provider's pages ask for fonts from the Internet and are not painted until that has failed.
    await page.route("https://fonts.googleapis.com/**", (route) => route.abort());
    await page.click(".ways a");
    await page.waitForURL(`${issuer}/**`);
    await page.fill("[name=login]", name);
    await page.fill("[name=password]", "whatever");
    await page.click("[type=submit]");
    // It asks once whether we may know.
    await page.locator("[type=submit]:has-text('Continue'), #page, .gate").first().waitFor();
    if (page.url().startsWith(issuer)) await page.click("[type=submit]");
    await page.waitForURL(`${site.url}/**`);
  }

  /** Not those of the provider's pages, nor what ours refuse on purpose, which the console calls a failed load. */
  function ownProblems(problems: string[]): string[] {
    return problems.filter((each) => !each.includes(issuer) && !/status of (403|422)|fonts\.g/.test(each));
  }

  function askForFactor(required: boolean) {
    return site.platform.db.asSystem((sql) =>
      sql`
        update tenants set settings = ${sql.json({ require_second_factor: required })} where code = 'akashi'`
    );
  }
});

function person(name: string, groups: string[]) {
  return { email: `${name}@example.org`, email_verified: true, name, groups };
}
