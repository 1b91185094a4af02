import assert from "node:assert/strict";
import { seedAssets } from "../support/assets.ts";
import { openSite, type Page, type Site, type Visit } from "../support/browser.ts";
import { makeVideo } from "../support/media.ts";
import { drop, randomBytes } from "./tray.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

let site: Site;
let folder: string;
Deno.test.beforeAll(async () => {
  site = await openSite();
  folder = await Deno.makeTempDir();
});
Deno.test.afterAll(async () => {
  await site.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test(
  "a dropped file appears at once and becomes available on the open page",
  OPTIONS,
  async () => {
    const { page, problems } = await visitEmptyLibrary();
    const clip = `${folder}/clip.mp4`;
    await makeVideo(clip, { seconds: 3 });
    await openListening(page, "/");
    await drop(page, "clip.mp4", await Deno.readFile(clip));
    const card = page.locator(".card", { hasText: "clip" });
    await card.waitFor();
    await page.waitForSelector("[data-empty]", { state: "hidden" });
    await page.waitForSelector('.card[data-status="available"] img', { timeout: 60_000 });
    assert.match(await card.textContent() ?? "", /0:03/);
    assert.match(await page.textContent(".heading__count") ?? "", /1 asset/);
    await page.waitForSelector('.tray__row[data-state="done"]');
    assert.deepEqual(problems, []);
  },
);

Deno.test("failed background requests show no error", OPTIONS, async () => {
  const { page, problems } = await visitEmptyLibrary();
  await openListening(page, "/jobs");
  await page.route("**/activity", (route) => route.abort());
  const requested = page.waitForRequest("**/activity");
  await drop(page, "again.bin", randomBytes(1000));
  await requested;
  const row = page.locator("#job-list tr[data-state=done]", { hasText: "again" });
  await row.waitFor({ timeout: 60_000 });
  assert.equal(await page.locator("#toasts .toast--bad").count(), 0);
  assert.deepEqual(problems.filter((each) => !each.includes("/activity")), []);
});

Deno.test("Delete moves to the trash, Undo restores", OPTIONS, async () => {
  const { page, problems } = await visitVideos();
  const before = await page.locator(".card").count();
  await page.locator(".card__title").first().focus();
  await page.keyboard.press("Delete");
  await page.waitForFunction((count) => document.querySelectorAll(".card").length === count - 1, before);
  await page.click("#toasts .toast button[type=submit]");
  await page.waitForFunction((count) => document.querySelectorAll(".card").length === count, before);
  assert.match(page.url(), /asset_type=video$/);
  assert.deepEqual(problems, []);
});

Deno.test(
  "a status filter applies when it is chosen, and restoring keeps the filter",
  OPTIONS,
  async () => {
    const { page, problems } = await visitVideos();
    const before = await page.locator(".card").count();
    await page.locator(".card__title").first().focus();
    await page.keyboard.press("Delete");
    await page.waitForFunction((count) => document.querySelectorAll(".card").length === count - 1, before);
    // The live event may remove the card before the answer replaces the page, and the form with it.
    await page.waitForSelector("#toasts .toast button[type=submit]");
    // A change before htmx has processed the form goes unnoticed.
    await page.selectOption("#filter[data-htmx-powered] #status", "deleted");
    await page.waitForSelector(".card__act button");
    assert.match(page.url(), /status=deleted/);
    await page.click(".card__act button");
    await page.waitForSelector("[data-empty]");
    assert.deepEqual(problems, []);
  },
);

Deno.test("scrolling loads all cards, Back restores the scroll position", OPTIONS, async () => {
  const { page, person, problems } = await visitEmptyLibrary();
  await seedAssets(site, person, 210);
  await page.goto("/");
  for (let loaded = 0; loaded < 180;) {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.waitForFunction((count) => document.querySelectorAll(".card").length > count, loaded);
    loaded = await page.locator(".card").count();
  }
  const card = page.locator(".card", { hasText: "Seeded 060" });
  await card.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => scrollY);
  assert.ok(before > 1000);
  await card.locator("a").click();
  await page.waitForSelector("#asset-title");
  await page.goBack();
  await card.waitFor();
  await page.waitForFunction((y) => Math.abs(scrollY - y) < 60, before);
  await page.reload();
  await page.waitForFunction((y) => Math.abs(scrollY - y) < 60, before);
  assert.deepEqual(problems, []);
});

Deno.test("search narrows while typing and is part of the address", OPTIONS, async () => {
  const { page, person, problems } = await visitEmptyLibrary();
  await seedAssets(site, person, 40);
  await page.goto("/");
  await page.keyboard.press("/");
  await page.keyboard.type("Seeded 02");
  await page.waitForFunction(() => document.querySelectorAll(".card").length === 10);
  assert.match(page.url(), /search=Seeded\+02/);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "search");
  await page.fill("#search", "nothing like this");
  await page.waitForSelector("[data-empty]");
  assert.deepEqual(problems, []);
});

/** Signs in as the administrator of a new tenant. */
function visitEmptyLibrary(): Promise<Visit> {
  return site.visit({ tenant: `library-${crypto.randomUUID()}` });
}

/** Opens a library of one video and two documents, filtered by videos. */
async function visitVideos(): Promise<Visit> {
  const visit = await visitEmptyLibrary();
  await seedAssets(site, visit.person, 2, "document");
  await seedAssets(site, visit.person, 1, "video");
  await visit.page.goto("/?asset_type=video");
  return visit;
}

/** Opens a page and waits until it receives events; earlier ones are not delivered. */
async function openListening(page: Page, path: string): Promise<void> {
  const listening = page.waitForResponse("**/events");
  await page.goto(path);
  await listening;
}
