import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { seedAssets } from "../support/assets.ts";
import { openSite, type Page } from "../support/browser.ts";
import { makeVideo } from "../support/media.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

Deno.test("library", OPTIONS, async (t) => {
  const site = await openSite();
  const { page, person, problems } = await site.visit();
  const folder = await Deno.makeTempDir();
  const clip = `${folder}/clip.mp4`;
  await makeVideo(clip, { seconds: 3 });

  await t.step("a dropped file appears at once and becomes available on the open page", async () => {
    await page.goto("/");
    await drop(page, "clip.mp4", await Deno.readFile(clip));
    const card = page.locator(".card", { hasText: "clip" });
    await card.waitFor();
    await page.waitForSelector("[data-empty]", { state: "hidden" });
    await page.waitForSelector('.card[data-status="available"] img', { timeout: 60_000 });
    assert.match(await card.textContent() ?? "", /0:03/);
    assert.match(await page.textContent(".heading__count") ?? "", /1 asset/);
    await page.waitForSelector('.tray__row[data-state="done"]');
  });

  await t.step("a duplicate is reported as already in the library", async () => {
    await drop(page, "copy.mp4", await Deno.readFile(clip));
    await page.waitForSelector('.tray__row[data-state="duplicate"]');
    await page.click("[data-act=close]");
    await page.waitForSelector(".tray", { state: "hidden" });
  });

  await t.step(
    "an upload is paused, survives a reload and resumes when the file is dropped again",
    async () => {
      const bytes = crypto.getRandomValues(new Uint8Array(60_000)) as Uint8Array<ArrayBuffer>;
      const large = new Uint8Array(40 * 1024 * 1024);
      for (let at = 0; at < large.length; at += bytes.length) {
        large.set(bytes.subarray(0, large.length - at), at);
      }
      await Deno.writeFile(`${folder}/large.bin`, large);
      await slowDown(page, 4 * 1024 * 1024);
      await page.setInputFiles("[data-files]", `${folder}/large.bin`);
      await page.waitForFunction(
        () => (document.querySelector<HTMLProgressElement>(".tray__row progress")?.value ?? 0) > 45,
        undefined,
        { timeout: 60_000 },
      );
      await page.click(".tray__row [data-act=pause]");
      await page.waitForSelector('.tray__row[data-state="paused"]');
      await page.click(".rail a[href='/jobs']");
      await page.waitForSelector('#page[data-page="jobs"]');
      assert.equal(await page.locator('.tray__row[data-state="paused"]').count(), 1);
      await page.reload();
      await page.waitForSelector('.tray__row[data-state="interrupted"]');
      await slowDown(page, -1);
      const offsets: number[] = [];
      page.on("request", (request) => {
        if (request.method() === "PATCH") offsets.push(Number(request.headers()["upload-offset"]));
      });
      await page.setInputFiles("[data-files]", `${folder}/large.bin`);
      await page.waitForSelector('.tray__row[data-state="done"]', { timeout: 60_000 });
      assert.ok(offsets[0]! > 0, "the upload resumes at its offset");
    },
  );

  await t.step("the total progress of several files never decreases", async () => {
    await page.click("[data-act=close]");
    await page.evaluate(() => {
      const bar = document.querySelector<HTMLProgressElement>("[data-total]")!;
      const seen: number[] = Object.assign(globalThis, { seen: [] }).seen;
      const look = () => bar.hidden || seen.push(bar.value);
      new MutationObserver(look).observe(bar, { attributes: true });
    });
    await slowDown(page, 1024 * 1024);
    const files = [1, 2, 3, 4].map((nth) => ({
      name: `part ${nth}.bin`,
      mimeType: "application/octet-stream",
      buffer: Buffer.alloc(600_000, nth),
    }));
    await page.setInputFiles("[data-files]", files);
    await page.waitForFunction(() => document.querySelectorAll('.tray__row[data-state="done"]').length === 4);
    await slowDown(page, -1);
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
    assert.deepEqual(seen, seen.toSorted((a, b) => a - b));
    assert.ok(seen.at(-1)! > 50, `${seen}`);
  });

  await t.step("failed background requests show no error", async () => {
    await page.route("**/activity", (route) => route.abort());
    const retried = page.waitForRequest("**/activity");
    await drop(page, "again.bin", crypto.getRandomValues(new Uint8Array(1000)));
    await retried;
    const row = page.locator("#job-list tr[data-status=completed]", { hasText: "again" });
    await row.waitFor({ timeout: 60_000 });
    assert.equal(await page.locator("#toasts .toast--bad").count(), 0);
    await page.unroute("**/activity");
    problems.splice(0, problems.length, ...problems.filter((each) => !each.includes("/activity")));
  });

  await t.step("Delete moves to the trash, Undo restores", async () => {
    await page.goto("/?asset_type=video");
    const before = await page.locator(".card").count();
    await page.locator(".card__title").first().focus();
    await page.keyboard.press("Delete");
    await page.waitForFunction((count) => document.querySelectorAll(".card").length === count - 1, before);
    await page.click("#toasts .toast button[type=submit]");
    await page.waitForFunction((count) => document.querySelectorAll(".card").length === count, before);
    assert.match(page.url(), /asset_type=video$/);
  });

  await t.step(
    "a status filter applies when it is chosen, and restoring keeps the filter",
    async () => {
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
    },
  );

  await t.step("scrolling loads all cards, Back restores the scroll position", async () => {
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
  });

  await t.step("search narrows while typing and is part of the address", async () => {
    await page.goto("/");
    await page.keyboard.press("/");
    await page.keyboard.type("Seeded 02");
    await page.waitForFunction(() => document.querySelectorAll(".card").length === 10);
    assert.match(page.url(), /search=Seeded\+02/);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "search");
    await page.fill("#search", "nothing like this");
    await page.waitForSelector("[data-empty]");
  });

  await t.step("the console reported no errors", () => assert.deepEqual(problems, []));
  await site.close();
});

/** Drops a file as a desktop does. */
async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const transfer = await page.evaluateHandle(({ name, data }) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], name));
    return transfer;
  }, { name, data: bytes.toBase64() });
  await page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
  await page.waitForSelector(".drop", { state: "visible" });
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}

/** Limits uploads to so many bytes a second; −1 is unlimited. */
async function slowDown(page: Page, uploadThroughput: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput };
  await session.send("Network.emulateNetworkConditions", conditions);
}
