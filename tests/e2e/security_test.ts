import assert from "node:assert/strict";
import { stopClock } from "../support/authenticator.ts";
import { axeFindings, openSite, type Page, PHONE, type Site } from "../support/browser.ts";
import { PASSWORD, type Person } from "../support/server.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };
/** A platform authenticator whose user verification always succeeds. */
const DEVICE = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

let site: Site;
let codeOf: ReturnType<typeof stopClock>;
let home: string;
Deno.test.beforeAll(async () => {
  site = await openSite({ worker: false });
  codeOf = stopClock(site);
  // WebAuthn needs a domain name, not an IP address.
  home = site.url.replace("127.0.0.1", "localhost");
});
Deno.test.afterAll(async () => {
  await site.close();
});

Deno.test("an app is set up, its codes are copied, and the next sign-in asks for one", OPTIONS, async () => {
  const person = await site.addPerson();
  const { page, problems } = await site.stranger();
  await signIn(page, person);
  await page.goto(`${home}/settings/security`);
  assert.deepEqual(await axeFindings(page), []);
  const secret = await setUpApp(page, async () => {
    assert.deepEqual(await axeFindings(page), []);
    await page.fill("#field-code", "000000");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#field-code[aria-invalid=true]");
  });
  assert.deepEqual(await axeFindings(page), []);
  await page.click("[data-copy=recovery-codes]");
  await page.waitForSelector("#toasts .toast");
  await page.click(".sheet .button--main");
  await page.waitForSelector("#security-codes");
  await page.context().clearCookies();
  await signIn(page, person, "/jobs");
  await page.waitForURL(/second-step\?next=%2Fjobs/);
  assert.deepEqual(await axeFindings(page), []);
  await page.fill("#field-otp", codeOf(secret));
  await page.keyboard.press("Enter");
  await page.waitForSelector('#page[data-page="jobs"]');
  assert.deepEqual(withoutRefusals(problems), []);
});

Deno.test(
  "a passkey is registered, named, used alone and as second factor, and removed",
  OPTIONS,
  async () => {
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
  },
);

Deno.test(
  "a passkey without user verification, of another account or replayed signs nobody in",
  OPTIONS,
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
    await site.platform.db.asSystem((sql) => sql`update users set is_active = false where id = ${owner.id}`);
    assert.equal((await alone(await assertBy(page, "/api/v1/auth/login/passkey/options"))).status(), 401);
  },
);

Deno.test("the page that requires a second factor fits a phone and leads on", OPTIONS, async () => {
  await site.addPerson({ tenant: "strict" });
  await site.platform.db.asSystem((sql) =>
    sql`update tenants set settings = ${sql.json({ require_second_factor: true })} where code = 'strict'`
  );
  const { page, problems } = await site.stranger(PHONE);
  await signIn(page, await site.addPerson({ tenant: "strict", role: "editor" }));
  await page.waitForURL(/\/settings\/security$/);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
  assert.deepEqual(await axeFindings(page), []);
  await setUpApp(page);
  assert.deepEqual(await axeFindings(page), []);
  await page.click(".sheet .button--main");
  await page.waitForSelector('#page[data-page="library"]');
  assert.deepEqual(problems, []);
});

Deno.test("pages that require a recent sign-in have no axe findings and lead back", OPTIONS, async () => {
  const { page, person } = await site.visit();
  await site.client(person);
  await site.platform.db.asSystem((sql) =>
    sql`update sessions set created_at = now() - interval '16 minutes' where user_id = ${person.id}`
  );
  for (const path of ["/settings/sessions", "/settings/security"]) {
    await page.goto(path);
    assert.deepEqual(await axeFindings(page), []);
  }
  await page.click(".notice a");
  await page.fill("#field-password", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForSelector("form[action='/settings/security/totp']");
});

async function signIn(page: Page, person: Person, next = "/"): Promise<void> {
  await page.goto(`${home}/sign-in?next=${encodeURIComponent(next)}`);
  await page.fill("#field-email", person.email);
  await page.fill("#field-password", PASSWORD);
  await page.click("form[action='/sign-in'] button");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Sets up an app; the recovery codes are shown afterwards. */
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

/** The assertion of the page's authenticator for the options of `path`; it is not sent. */
function assertBy(page: Page, path: string): Promise<string> {
  return page.evaluate(async (path) => {
    const options = await (await fetch(path, { method: "POST" })).json();
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey }) as PublicKeyCredential;
    return JSON.stringify(credential.toJSON());
  }, path);
}

/** Adds a virtual authenticator to the page's browser. */
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

/** Without the failed loads that refused forms are for the console. */
function withoutRefusals(problems: string[]): string[] {
  return problems.filter((problem) => !/status of (401|422)/.test(problem));
}
