import assert from "node:assert/strict";
import { offerResets } from "../../lib/identity/password_resets/password_resets.ts";
import { axeFindings, openSite, type Page, PHONE, type Site } from "../support/browser.ts";
import { tinyPng } from "../support/media.ts";
import { type Client, PASSWORD, type Person } from "../support/server.ts";
import { until } from "../support/until.ts";

/** Longer than a notice is shown. */
const NOTICE_MS = 9_000;
const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

let site: Site;
let person: Person;
let client: Client;
let broken: string;
let picture: string;
/** Every page with the frame. */
let paths: string[];
Deno.test.beforeAll(async () => {
  site = await openSite();
  person = await site.addPerson({ role: "admin", superuser: true });
  client = await site.client(person);
  broken = await bringIn(
    "broken.mp4",
    new TextEncoder().encode("\0\0\0\x18ftypisom\0\0\x02\0isomiso2 but no more"),
  );
  picture = await bringIn("pixel.png", tinyPng());
  await settles(broken, "failed");
  await settles(picture, "available");
  const group = await client.json("POST", "/api/v1/groups", { name: "News desk" }, 201);
  await client.json("PUT", `/api/v1/groups/${group.id}/members/${person.id}`);
  const connection = { name: "TV login", issuer: "https://login.example.org", client_id: "akashi" };
  const provider = await client.json("POST", "/api/v1/providers", connection, 201);
  paths = [
    "/",
    "/?status=failed",
    "/?search=nothing",
    `/assets/${broken}`,
    `/assets/${picture}?tab=technical`,
    `/assets/${picture}?edit=1`,
    `/assets/${picture}?tab=access`,
    `/assets/${picture}?tab=activity`,
    "/jobs",
    "/settings",
    "/settings/security",
    "/settings/sessions",
    "/settings/keys",
    "/admin",
    "/admin/groups",
    `/admin/groups/${group.id}`,
    "/admin/providers",
    `/admin/providers/${provider.id}`,
    "/admin/audit",
    "/admin/usage",
    "/admin/tenants",
    `/admin/tenants/${person.tenantId}`,
  ];
});
Deno.test.afterAll(async () => {
  await site.close();
});

Deno.test("a session that ended leaves the page for sign-in and comes back to it", OPTIONS, async () => {
  const { page } = await site.visit({ as: person });
  await page.goto("/");
  await page.context().clearCookies();
  await page.click(".rail a[href='/jobs']");
  await page.waitForURL(/\/sign-in\?next=%2Fjobs/);
  await page.fill("#field-email", person.email);
  await page.fill("#field-password", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForSelector('#page[data-page="jobs"]');
  await page.click(".menu summary");
  await page.click("form[action='/sign-out'] button");
  await page.waitForSelector("#field-email");
});

Deno.test("every page has no axe findings in either theme, and no console errors", OPTIONS, async () => {
  const { page, problems } = await site.visit({ as: person, language: "pt-BR" });
  for (const path of paths) {
    await page.goto(path);
    assert.deepEqual(await axeFindings(page), [], path);
    if (path === "/") await menusAreClean(page);
    // Only colours differ between themes.
    await page.evaluate(() => document.documentElement.dataset.theme = "light");
    assert.deepEqual(await axeFindings(page, { rules: ["color-contrast"] }), [], `${path}, light`);
  }
  assert.deepEqual(problems, []);
  await page.goto("/nothing/here");
  assert.deepEqual(await axeFindings(page), []);
});

Deno.test("every page without the frame has no axe findings and fits a phone", OPTIONS, async () => {
  const letter = { kind: "password_reset", to: person.email, language: "en", request_id: "x" } as const;
  const [reset] = await offerResets(site.platform, letter);
  const { page, problems } = await site.stranger(PHONE);
  const refused = ["/reset?token=spent", "/join?token=spent"];
  for (
    const path of [
      "/sign-in",
      "/sign-in?tenant=akashi",
      "/forgot",
      `/reset?token=${reset!.token}`,
      "/reset?done=1",
      ...refused,
    ]
  ) {
    await page.goto(path);
    assert.deepEqual(await axeFindings(page), [], path);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width, path);
  }
  assert.deepEqual(withoutRefusals(problems), []);
});

Deno.test(
  "a job that is retried elsewhere leaves the list of failed ones and comes back when it fails again",
  OPTIONS,
  async () => {
    const { page, problems } = await site.visit({ as: person });
    await page.goto(`/assets/${broken}`);
    assert.match(await page.textContent(".stage__note") ?? "", /original is safe/);
    // Events from before the connection are not delivered.
    const listening = page.waitForResponse("**/events");
    await page.goto("/jobs?status=failed");
    await listening;
    const row = page.locator("tr[data-state=failed]").first();
    assert.match(await row.textContent() ?? "", /\./);
    const failed = await client.json("GET", `/api/v1/jobs?asset_id=${broken}&status=failed`);
    const reloaded = page.waitForResponse((answer) => answer.url().includes("/jobs/list?"));
    await client.json("POST", `/api/v1/jobs/${failed[0]!.id}/retry`);
    await reloaded;
    await settles(broken, "failed");
    await page.waitForSelector("tr[data-state=failed]");
    assert.deepEqual(problems, []);
  },
);

Deno.test(
  "on a phone the selected filter scrolls into view once, and live updates keep the scroll position",
  OPTIONS,
  async () => {
    const { page } = await site.visit({ as: person, ...PHONE });
    const row = page.locator(".heading .segments");
    const scrolled = () => row.evaluate((row) => row.scrollLeft);
    const listening = page.waitForResponse("**/events");
    await page.goto("/jobs?status=cancelled");
    await listening;
    assert.ok(await scrolled() > 0);
    await row.evaluate((row) => row.scrollLeft = 0);
    const told = page.waitForResponse((answer) => answer.url().includes("/jobs/list?"));
    const failed = await client.json("GET", `/api/v1/jobs?asset_id=${broken}&status=failed`);
    await client.json("POST", `/api/v1/jobs/${failed[0]!.id}/retry`);
    await told;
    await settles(broken, "failed");
    assert.equal(await scrolled(), 0);
    await page.goto("/jobs");
    await page.click(".segments a[href='/jobs?status=cancelled']");
    await page.waitForFunction(() => document.querySelector(".heading .segments")!.scrollLeft > 0);
  },
);

Deno.test(
  "an invitation's link is copied; its page refuses without losing what was typed",
  OPTIONS,
  async () => {
    const { page, problems } = await site.visit({ as: await site.addPerson({ role: "admin" }) });
    await page.goto("/admin");
    await page.fill("#field-email", "bia@example.org");
    await page.keyboard.press("Enter");
    await page.click("[data-copy=invitation-link]");
    await page.waitForSelector("#toasts .toast");
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(link, await page.inputValue("#invitation-link"));
    const guest = await site.stranger();
    await guest.page.goto(link);
    assert.deepEqual(await axeFindings(guest.page), []);
    await guest.page.fill("#field-name", "Bia");
    await guest.page.keyboard.press("Enter");
    await guest.page.waitForSelector("#field-password[aria-invalid=true]");
    assert.deepEqual(await axeFindings(guest.page), []);
    assert.deepEqual(withoutRefusals([...problems, ...guest.problems]), []);
  },
);

Deno.test(
  "a role is saved when it is chosen; a notice stays while it is hovered, and undoes",
  OPTIONS,
  async () => {
    const { page, problems } = await site.visit({ as: person });
    const member = await site.addPerson({ role: "editor" });
    const row = page.locator("tr", { hasText: member.email });
    await page.clock.install();
    await page.goto("/admin");
    await row.locator("select").selectOption("viewer");
    await page.waitForSelector("#toasts .toast");
    await row.locator("button", { hasText: "Deactivate" }).click();
    await row.locator("button", { hasText: "Reactivate" }).waitFor();
    const undo = page.locator("#toasts form[action$='/reactivate'] button");
    await undo.hover();
    await page.clock.fastForward(NOTICE_MS);
    await undo.click();
    await row.locator("button", { hasText: "Deactivate" }).waitFor();
    assert.equal(await row.locator("select").inputValue(), "viewer");
    assert.deepEqual(problems, []);
  },
);

Deno.test("access to an asset is saved within the panel", OPTIONS, async () => {
  const maker = await site.visit({ role: "editor" });
  const api = await site.client(maker.person);
  const made = await api.json("POST", "/api/v1/assets", { title: "Draft", asset_type: "video" }, 201);
  const { page } = maker;
  await page.goto(`/assets/${made.id}?tab=access`);
  await page.check("#access input[value=private]");
  await page.click("#access button[type=submit]");
  await page.waitForSelector("#access [role=status]");
  await page.selectOption("#access select[name=add]", `user:${person.id}`);
  await page.click("#access button[type=submit]");
  await page.waitForSelector(`#access select[name="user:${person.id}"]`);
  assert.match(page.url(), /tab=access$/);
  assert.deepEqual(maker.problems, []);
});

Deno.test("the keyboard reaches every control, and the skip link is first", OPTIONS, async () => {
  const { page } = await site.visit({ as: person });
  await page.goto("/");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.className), "skip");
  const reached = new Set<string>();
  for (let press = 0; press < 60; press++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 60) ?? ""));
  }
  const all = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("a[href], button, input, select, summary")]
      .filter((each) =>
        each.checkVisibility({ visibilityProperty: true }) &&
        !each.closest("details:not([open]) > :not(summary)")
      )
      .map((each) => each.outerHTML.slice(0, 60))
  );
  assert.deepEqual(all.filter((each) => !reached.has(each) && !each.includes("skip")), []);
});

Deno.test("? lists the shortcuts, g j opens the jobs, theme and language change", OPTIONS, async () => {
  const { page } = await site.visit();
  await page.goto("/");
  await page.keyboard.press("?");
  await page.waitForSelector("#shortcuts[open]");
  assert.equal(await page.locator("#shortcuts section:visible").count(), 2);
  assert.deepEqual(await axeFindings(page), []);
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("j");
  await page.waitForSelector('#page[data-page="jobs"]');
  await page.waitForSelector(".rail a[href='/jobs'][aria-current=page]");
  await page.click(".menu summary");
  await page.click(".menu button[value=light]");
  await page.waitForSelector("html[data-theme=light]");
  assert.match(page.url(), /\/jobs$/);
  await page.click(".menu button[value=pt-BR]");
  await page.waitForSelector("html[lang=pt-BR]");
  assert.equal(await page.textContent("h1"), "Tarefas");
});

Deno.test(
  "on a phone no page is wider than the screen, and details follow the picture",
  OPTIONS,
  async () => {
    const { page, problems } = await site.visit({ as: person, ...PHONE });
    for (const path of paths) {
      await page.goto(path);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width, path);
      assert.deepEqual(await axeFindings(page), [], path);
    }
    await page.goto(`/assets/${picture}`);
    const [stage, panel] = await Promise.all(
      ["#stage", "#panel"].map((part) => page.locator(part).boundingBox()),
    );
    assert.ok(panel!.y >= stage!.y + stage!.height && panel!.y < PHONE.height);
    assert.deepEqual(problems, []);
  },
);

Deno.test(
  "a page loads at most 50 kB in at most 6 requests before its pictures, without layout shift",
  OPTIONS,
  async () => {
    const { page } = await site.visit({ as: person });
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    const bytes = new Map<string, number>();
    session.on("Network.loadingFinished", (event) => bytes.set(event.requestId, event.encodedDataLength));
    const names = new Map<string, string>();
    session.on("Network.requestWillBeSent", (event) => names.set(event.requestId, event.request.url));
    await page.goto("/");
    await page.waitForLoadState("load");
    const needed = [...names].filter(([, url]) => !url.includes("/media/"));
    assert.ok(needed.length <= 6, [...names.values()].join(" "));
    const total = needed.reduce((sum, [id]) => sum + (bytes.get(id) ?? 0), 0);
    assert.ok(total <= 50_000, `${total} bytes`);
    const shift = await page.evaluate(() =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
        }).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(sum), 500);
      })
    );
    assert.ok(shift < 0.005, `layout shift ${shift}`);
  },
);

async function bringIn(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const form = new FormData();
  form.set("file", new File([bytes], name));
  return (await (await client.fetch("/api/v1/ingest", { method: "POST", body: form })).json()).asset_id;
}

function settles(id: string, status: string): Promise<unknown> {
  return until(
    "the asset is settled",
    async () => (await client.json("GET", `/api/v1/assets/${id}`)).status === status,
    60_000,
  );
}

async function menusAreClean(page: Page): Promise<void> {
  await page.click(".menu summary");
  assert.deepEqual(await axeFindings(page), []);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".menu[open]").count(), 0);
}

/** Without the failed loads that refused forms and expired links are for the console. */
function withoutRefusals(problems: string[]): string[] {
  return problems.filter((problem) => !/status of (404|422)/.test(problem));
}
