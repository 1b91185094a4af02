// What people do in every browser works here too.
import assert from "node:assert/strict";
import { seedAssets } from "../support/assets.ts";
import { openSite, type Page, type Site, type Visit } from "../support/browser.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

let site: Site;
Deno.test.beforeAll(async () => {
  site = await openSite({ worker: false });
});
Deno.test.afterAll(() => site.close());

Deno.test(
  "Ctrl, Shift and middle click on a card and on the sidebar open tabs and windows",
  OPTIONS,
  async () => {
    const { page, problems } = await visitAssets(1);
    await page.goto("/");
    const clicks = [{ modifiers: ["ControlOrMeta"] }, { modifiers: ["Shift"] }, {
      button: "middle",
    }] as const;
    for (const selector of [".card__picture", ".card__title", ".rail a[href='/jobs']"]) {
      for (const click of clicks) {
        const [tab] = await Promise.all([
          page.context().waitForEvent("page"),
          // The link covers the picture.
          page.click(selector, {
            ...click,
            modifiers: "modifiers" in click ? [...click.modifiers] : [],
            force: true,
          }),
        ]);
        await tab.waitForURL(/\/(assets\/|jobs)/);
        await tab.close();
        assert.equal(new URL(page.url()).pathname, "/");
      }
    }
    assert.deepEqual(problems, []);
  },
);

Deno.test(
  "an asset that goes to the trash leads back to its place in the filtered list, and Ctrl+Z undoes",
  OPTIONS,
  async () => {
    const { page, problems } = await visitAssets(100);
    await page.goto("/?asset_type=document&search=Seeded");
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const card = page.locator(".card", { hasText: "Seeded 005" });
    await card.scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    assert.ok(before > 500);
    await card.locator("a").click();
    await page.waitForSelector("#asset-title");
    await page.reload();
    await page.click("[data-trash] button");
    await page.waitForSelector("#page[data-page=library]");
    assert.match(page.url(), /asset_type=document&search=Seeded/);
    await page.waitForFunction((y) => Math.abs(scrollY - y) < 60, before);
    assert.equal(await card.count(), 0);
    await page.click("#toasts [data-dismiss]");
    await pressUndo(page);
    await card.waitFor();
    assert.match(page.url(), /asset_type=document&search=Seeded/);
    assert.deepEqual(problems, []);
  },
);

Deno.test("Ctrl+Z in a field undoes typing alone", OPTIONS, async () => {
  const { page } = await visitAssets(2);
  await page.goto("/");
  await page.locator(".card__title").first().focus();
  await page.keyboard.press("Delete");
  await page.waitForFunction(() => document.querySelectorAll(".card").length === 1);
  await page.waitForSelector("#toasts form");
  await page.locator("#search").focus();
  await pressUndo(page);
  await page.locator(".card__title").first().focus();
  assert.equal(await page.locator(".card").count(), 1);
  await pressUndo(page);
  await page.waitForFunction(() => document.querySelectorAll(".card").length === 2);
});

Deno.test("a notice lies over the top bar, and one that offers something stays", OPTIONS, async () => {
  const { page } = await visitAssets(2);
  await page.clock.install();
  await page.goto("/");
  await page.locator(".card__title").first().focus();
  await page.keyboard.press("Delete");
  const toast = page.locator("#toasts .toast");
  await toast.waitFor();
  const box = (await toast.boundingBox())!;
  assert.ok(box.y + box.height <= 50, `${box.y} ${box.height}`);
  await page.clock.fastForward(15_000);
  assert.ok(await toast.isVisible());
  await page.clock.fastForward(6_000);
  await toast.waitFor({ state: "detached" });
});

Deno.test(
  "while files are dragged over an empty library, only where to drop them is said",
  OPTIONS,
  async () => {
    const { page } = await visitAssets(0);
    await page.goto("/");
    await page.waitForSelector("[data-empty]", { state: "visible" });
    const transfer = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["x"], "x.bin"));
      return transfer;
    });
    await page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
    await page.waitForSelector(".drop", { state: "visible" });
    assert.equal(await page.isVisible("[data-empty] h2"), false);
  },
);

/** Opens the browser of a new tenant with so many documents. */
async function visitAssets(count: number): Promise<Visit> {
  const visit = await site.visit({ tenant: `habits-${crypto.randomUUID()}` });
  await seedAssets(site, visit.person, count);
  return visit;
}

async function pressUndo(page: Page): Promise<void> {
  await page.keyboard.press("ControlOrMeta+z");
}
