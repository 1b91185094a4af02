import assert from "node:assert/strict";
import { stopClock } from "../support/authenticator.ts";
import { axeFindings, openSite, type Page, PHONE } from "../support/browser.ts";
import { PASSWORD, type Person } from "../support/server.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };
/** A device of one's own that asks for a finger and always gets it. */
const DEVICE = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

Deno.test("security", OPTIONS, async (t) => {
  const site = await openSite({ worker: false });
  const codeOf = stopClock(site);
  // Browsers bind passkeys to a domain; an address of numbers is none.
  const home = site.url.replace("127.0.0.1", "localhost");

  await t.step("an app is set up, codes are shown once, and the next sign-in asks for one", async () => {
    const person = await site.addPerson();
    const { page, problems } = await site.stranger();
    await signIn(page, person);
    const before = await sessionCookie(page);
    await page.goto(`${home}/settings/security`);
    assert.deepEqual(await axeFindings(page), []);
    const secret = await setUpApp(page, async () => {
      assert.deepEqual(await axeFindings(page), []);
      await page.fill("#field-code", "000000");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#field-code[aria-invalid=true]");
    });
    const codes = (await page.inputValue("#recovery-codes")).trim().split("\n");
    assert.equal(codes.length, 10);
    assert.deepEqual(await axeFindings(page), []);
    assert.notEqual(await sessionCookie(page), before, "another session token");
    await page.click("[data-copy=recovery-codes]");
    await page.waitForSelector("#toasts .toast");
    await page.click(".sheet .button--main");
    await page.waitForSelector("#security-codes");
    const [download] = [await page.goto(`${home}/settings/security/totp`)];
    assert.match(download!.url(), /\/settings\/security$/, "what was confirmed is not shown again");

    const { page: next, problems: nextProblems } = await site.stranger();
    await signIn(next, person, "/jobs");
    await next.waitForURL(/second-step\?next=%2Fjobs/);
    assert.deepEqual(await axeFindings(next), []);
    await next.fill("#field-otp", "000000");
    await next.keyboard.press("Enter");
    await next.waitForSelector(".notice--bad");
    await next.fill("#field-otp", codeOf(secret));
    await next.keyboard.press("Enter");
    await next.waitForSelector('#page[data-page="jobs"]');

    const { page: plain } = await site.stranger({ scripts: false });
    await signIn(plain, person);
    await plain.fill("#field-otp", codes[3]!);
    await plain.click("form[action='/sign-in/second-step'] button");
    await plain.waitForSelector('#page[data-page="library"]');
    assert.deepEqual(withoutRefusals([...problems, ...nextProblems]), []);
  });

  await t.step("a second step that is over begins again; signed out, its cookie leads nowhere", async () => {
    const person = await site.addPerson();
    await site.addPasskey(person);
    const { page } = await site.stranger();
    await page.goto(`${home}/sign-in/second-step`);
    assert.match(page.url(), /\/sign-in$/);
    await signIn(page, person);
    await page.waitForURL(/second-step/);
    await page.goto(`${home}/`);
    assert.match(page.url(), /\/sign-in$/, "half a sign-in is none");
    await page.goto(`${home}/sign-in/second-step`);
    await site.platform.db.asSystem((sql) => sql`update challenges set expires_at = now()`);
    await page.fill("#field-otp", "123456");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#field-email");
    assert.match(await page.textContent("[role=alert]") ?? "", /too long/);
  });

  await t.step("a passkey is made, named, used alone and as second step, and removed", async () => {
    const person = await site.addPerson();
    const { page, problems } = await site.stranger();
    const device = await plugIn(page);
    await signIn(page, person);
    await page.goto(`${home}/settings/security`);
    await page.fill("#field-name", "Desk in the newsroom");
    await page.click("passkey-form button");
    await page.waitForSelector("#recovery-codes");
    assert.equal((await device.credentials()).length, 1);
    await page.click(".sheet .button--main");
    const row = page.locator(".methods li", { hasText: "Desk in the newsroom" });
    assert.match(await row.textContent() ?? "", /unused/);
    assert.deepEqual(await axeFindings(page), []);

    await page.context().clearCookies();
    await page.goto(`${home}/sign-in?next=%2Fjobs`);
    assert.deepEqual(await axeFindings(page), []);
    await page.click("passkey-form button");
    await page.waitForSelector('#page[data-page="jobs"]');

    await page.context().clearCookies();
    await signIn(page, person);
    await page.waitForURL(/second-step/);
    await page.click("passkey-form button");
    await page.waitForSelector('#page[data-page="library"]');
    await page.goto(`${home}/settings/security`);
    assert.match(await row.textContent() ?? "", /used now/);

    await row.locator("[popovertarget]").first().click();
    await page.waitForSelector(".confirm:popover-open");
    assert.deepEqual(await axeFindings(page), []);
    await page.click(".confirm:popover-open .button--danger");
    await page.waitForSelector("#toasts .toast");
    assert.equal(await page.locator(".methods li").count(), 0);
    await page.context().clearCookies();
    await page.goto(`${home}/sign-in`);
    await page.click("passkey-form button");
    await page.waitForSelector(".notice--bad");
    assert.match(await page.textContent(".notice--bad") ?? "", /not known/);
    assert.deepEqual(withoutRefusals(problems), []);
  });

  await t.step(
    "a passkey without its finger, of somebody else, or answering twice lets nobody in",
    async () => {
      const [owner, other] = [await site.addPerson(), await site.addPerson()];
      const { page } = await site.stranger();
      const device = await plugIn(page);
      await addPasskey(page, owner);
      await site.addPasskey(other);
      await page.context().clearCookies();
      await signIn(page, other);
      await page.waitForURL(/second-step/);
      const assertion = await assertBy(page, "/api/v1/auth/login/passkey/options");
      const asStep = await page.request.post(`${home}/sign-in/second-step/passkey`, {
        form: { credential: assertion, next: "/" },
        headers: { Origin: home },
        maxRedirects: 0,
      });
      assert.equal(asStep.status(), 422, "somebody else's");
      const alone = (credential: string) =>
        page.request.post(`${home}/api/v1/auth/login/passkey`, {
          data: { credential: JSON.parse(credential) },
        });
      assert.equal((await alone(assertion)).status(), 401, "its challenge is spent");
      const fresh = await assertBy(page, "/api/v1/auth/login/passkey/options");
      const changed = JSON.parse(fresh);
      changed.response.signature = changed.response.signature.replace(/^..../, "AAAA");
      assert.equal((await alone(JSON.stringify(changed))).status(), 401);
      const good = await alone(await assertBy(page, "/api/v1/auth/login/passkey/options"));
      assert.equal(good.status(), 200);
      assert.equal((await good.json()).user.email, owner.email);
      await device.set({ isUserVerified: false });
      await page.goto(`${home}/sign-in`);
      await page.click("passkey-form button");
      await page.waitForFunction(() => document.querySelector("passkey-form [role=alert]")!.textContent);
      assert.match(page.url(), /\/sign-in$/);
      await device.set({ isUserVerified: true });
      await site.platform.db.asSystem((sql) =>
        sql`update users set is_active = false where id = ${owner.id}`
      );
      assert.equal((await alone(await assertBy(page, "/api/v1/auth/login/passkey/options"))).status(), 401);
    },
  );

  await t.step("where the tenant asks for it one is led to set one up, and then gets on", async () => {
    const root = await site.addPerson({ superuser: true });
    const person = await site.addPerson({ tenant: "strict", role: "editor" });
    const { page: admin } = await site.visit({ as: root });
    await admin.goto("/admin/tenants");
    const row = admin.locator("tr", { hasText: "strict" });
    await row.locator("button", { hasText: "Require second factor" }).click();
    await admin.waitForSelector("#toasts .toast");
    assert.match(await row.textContent() ?? "", /second factor required/);

    const { page, problems } = await site.stranger(PHONE);
    await signIn(page, person, "/jobs");
    await page.waitForURL(/\/settings\/security$/);
    assert.match(await page.textContent("h1") ?? "", /Set up a second factor/);
    assert.equal(await page.locator(".rail, a[href='/']").count(), 0);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
    assert.deepEqual(await axeFindings(page), []);
    await page.goto(`${home}/jobs`);
    assert.match(page.url(), /\/settings\/security$/);
    await setUpApp(page);
    assert.deepEqual(await axeFindings(page), []);
    await page.click(".sheet .button--main");
    await page.waitForSelector('#page[data-page="library"]');
    assert.deepEqual(withoutRefusals(problems), []);
  });

  await t.step("long after signing in one proves again who one is; the session before ends", async () => {
    const { page, person } = await site.visit();
    await site.platform.db.asSystem((sql) =>
      sql`update sessions set created_at = now() - interval '16 minutes' where user_id = ${person.id}`
    );
    const before = await page.context().cookies();
    await site.client(person);
    await page.goto("/settings/sessions");
    assert.equal(await page.locator("main td form").count(), 0);
    assert.deepEqual(await axeFindings(page), []);
    assert.match(await page.getAttribute(".notice a", "href") ?? "", /again=1&next=%2Fsettings%2Fsessions/);
    await page.goto("/settings/security");
    assert.equal(await page.locator(".sheet form").count(), 0);
    assert.deepEqual(await axeFindings(page), []);
    await page.click(".notice a");
    assert.equal(await page.inputValue("#field-email"), person.email);
    await page.fill("#field-password", PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForSelector("form[action='/settings/security/totp']");
    const { page: thief } = await site.stranger();
    await thief.context().addCookies(before);
    await thief.goto("/");
    assert.match(thief.url(), /\/sign-in/);
  });

  await t.step("another role or password gives another session token; the one before it ends", async () => {
    const admin = await site.addPerson();
    const api = await site.client(admin);
    const { page, person } = await site.visit({ role: "viewer" });
    await page.goto("/");
    const before = await page.context().cookies();
    await api.json("PATCH", `/api/v1/auth/users/${person.id}`, { role: "editor" });
    await page.goto("/jobs");
    const promoted = await sessionCookie(page);
    assert.notEqual(promoted, before.find((cookie) => cookie.name === "akashi")!.value);
    await site.platform.db.asSystem((sql) =>
      sql`update sessions set rotated_at = now() - interval '11 seconds' where user_id = ${person.id}`
    );
    const { page: thief } = await site.stranger();
    await thief.context().addCookies(before);
    await thief.goto("/");
    assert.match(thief.url(), /\/sign-in/);
    await page.goto("/settings");
    await page.fill("#field-current_password", PASSWORD);
    await page.fill("#field-new_password", "three blue herons");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#toasts .toast");
    assert.notEqual(await sessionCookie(page), promoted);
    await page.reload();
    await page.waitForSelector('#page[data-page="settings"]');
  });

  await t.step("an administrator resets what somebody lost, after being asked once", async () => {
    const tenant = "lost";
    const [admin, person] = [
      await site.addPerson({ tenant }),
      await site.addPerson({ tenant, role: "viewer" }),
    ];
    await site.addPasskey(person);
    const { page } = await site.visit({ as: admin });
    await page.goto("/admin");
    const row = page.locator("tr", { hasText: person.email });
    await row.locator("[popovertarget]").first().click();
    assert.deepEqual(await axeFindings(page), []);
    await page.click(".confirm:popover-open .button--danger");
    await page.waitForSelector("#toasts .toast");
    assert.equal(await row.locator("[popovertarget]").count(), 0);
    const { page: theirs } = await site.stranger();
    await signIn(theirs, person);
    await theirs.waitForSelector('#page[data-page="library"]');
  });

  await site.close();

  async function signIn(page: Page, person: Person, next = "/"): Promise<void> {
    await page.goto(`${home}/sign-in?next=${encodeURIComponent(next)}`);
    await page.fill("#field-email", person.email);
    await page.fill("#field-password", PASSWORD);
    await page.click("form[action='/sign-in'] button");
    await page.waitForURL((url) => url.pathname !== "/sign-in");
  }

  /** Leaves the page with the recovery codes open. */
  async function setUpApp(page: Page, look: () => Promise<void> = async () => {}): Promise<string> {
    await page.click("form[action='/settings/security/totp'] button");
    await page.waitForSelector(".qr");
    const secret = (await page.textContent(".secret"))!.replaceAll(" ", "");
    await look();
    await page.fill("#field-code", codeOf(secret, -1));
    await page.keyboard.press("Enter");
    await page.waitForSelector("#recovery-codes");
    return secret;
  }

  async function addPasskey(page: Page, person: Person): Promise<void> {
    await signIn(page, person);
    await page.goto(`${home}/settings/security`);
    await page.click("passkey-form button");
    await page.waitForSelector("#recovery-codes");
  }

  /** What the page's device answers to the options of `path`, without sending it anywhere. */
  function assertBy(page: Page, path: string): Promise<string> {
    return page.evaluate(async (path) => {
      const options = await (await fetch(path, { method: "POST" })).json();
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      const credential = await navigator.credentials.get({ publicKey }) as PublicKeyCredential;
      return JSON.stringify(credential.toJSON());
    }, path);
  }
});

async function sessionCookie(page: Page): Promise<string> {
  return (await page.context().cookies()).find((cookie) => cookie.name === "akashi")!.value;
}

/** Gives the page's browser a device that keeps passkeys. */
async function plugIn(page: Page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options: DEVICE });
  return {
    credentials: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    set: ({ isUserVerified }: { isUserVerified: boolean }) =>
      session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

/** What a form refuses, the browser's console calls a failed load. */
function withoutRefusals(problems: string[]): string[] {
  return problems.filter((problem) => !/status of (401|422)/.test(problem));
}
