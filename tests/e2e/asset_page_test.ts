// The page of one asset, as an editor uses it beside the player.
import assert from "node:assert/strict";
import { ingestFile } from "../support/assets.ts";
import { axeFindings, openSite, type Page, type Site } from "../support/browser.ts";
import { runFfmpeg } from "../support/made_media.ts";
import type { Client, Person } from "../support/server.ts";
import { until } from "../support/until.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };
const WIDE = { width: 2400, height: 1600 };

let site: Site;
let person: Person;
let client: Client;
/** Oldest first; the first is larger than its preview. */
let pictures: string[];
Deno.test.beforeAll(async () => {
  site = await openSite();
  person = await site.addPerson();
  client = await site.client(person);
  pictures = [];
  const sizes = [WIDE, { width: 64, height: 36 }, { width: 96, height: 54 }];
  for (const [index, { width, height }] of sizes.entries()) {
    pictures.push(await ingestPicture(`Still ${index}.png`, `${width}x${height}`));
  }
  for (const id of pictures) await isAvailable(id);
});
Deno.test.afterAll(() => site.close());

Deno.test("an image is zoomed to its own pixels, moved and fitted again", OPTIONS, async () => {
  const { page, problems } = await site.visit({ as: person });
  await page.goto(`/assets/${pictures[0]}`);
  await page.waitForFunction(() => document.querySelector("img")?.naturalWidth === 2048);
  const fitted = await shown(page);
  assert.ok(fitted.width < 1100 && fitted.height < 800);
  await page.keyboard.press("1");
  assert.equal((await shown(page)).width, WIDE.width);
  assert.equal(await page.textContent("[data-zoom]"), "100%");
  // The preview is smaller than the original, which is loaded for its pixels.
  await page.waitForFunction((width) => document.querySelector("img")!.naturalWidth === width, WIDE.width);
  const before = await shown(page);
  await page.keyboard.press("ArrowRight");
  assert.equal((await shown(page)).x, before.x - 80);
  await page.mouse.move(500, 400);
  await page.mouse.down();
  await page.mouse.move(530, 420);
  await page.mouse.up();
  assert.equal((await shown(page)).x, before.x - 50);
  await page.keyboard.press("0");
  assert.deepEqual(await shown(page), fitted);
  await page.dblclick(".viewer__screen");
  assert.ok((await shown(page)).width > fitted.width);
  await page.click("[data-do=fit]");
  assert.deepEqual(await axeFindings(page), []);
  assert.deepEqual(problems, []);
});

Deno.test("a small image is not enlarged, and ? lists the keys of images", OPTIONS, async () => {
  const { page, problems } = await site.visit({ as: person });
  await page.goto(`/assets/${pictures[1]}`);
  await page.waitForFunction(() => document.querySelector("img")!.clientWidth === 64);
  await page.keyboard.press("?");
  const help = await page.innerText("#shortcuts");
  assert.match(help, /Fit to the window/);
  assert.doesNotMatch(help, /Play or pause/);
  assert.deepEqual(problems, []);
});

Deno.test("[ and ] walk along the filtered list that an asset was opened from", OPTIONS, async () => {
  const { page, problems } = await site.visit({ as: person });
  await page.goto("/?asset_type=image");
  await page.click(`#asset-${pictures[2]} .card__title`);
  await page.waitForSelector("#beside-previous[aria-disabled=true]");
  const { height } = (await page.locator(".asset__head").boundingBox())!;
  assert.ok(height < 52, `${height} px`);
  for (const id of [pictures[1], pictures[0]]) {
    await page.keyboard.press("]");
    await page.waitForURL(`**/assets/${id}`);
  }
  await page.reload();
  await page.waitForSelector("#beside[data-list='/?asset_type=image'] #beside-next[aria-disabled=true]");
  await page.keyboard.press("[");
  await page.waitForURL(`**/assets/${pictures[1]}`);
  assert.deepEqual(problems, []);
});

Deno.test("the browser's tab takes a new title, given here or elsewhere", OPTIONS, async () => {
  const { page, problems } = await site.visit({ as: person });
  const listening = page.waitForResponse("**/events");
  await page.goto(`/assets/${pictures[1]}`);
  await listening;
  await page.click("#edit");
  await page.fill("#field-title", "Renamed here");
  await page.click("#panel-body button[type=submit]");
  await page.waitForFunction(() => document.title === "Renamed here · Akashi");
  await client.json("PATCH", `/api/v1/assets/${pictures[1]}`, { title: "Renamed elsewhere" });
  await page.waitForFunction(() => document.title === "Renamed elsewhere · Akashi");
  assert.equal(await page.textContent("#asset-title"), "Renamed elsewhere");
  assert.deepEqual(problems, []);
});

async function ingestPicture(name: string, size: string): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".png" });
  await runFfmpeg(["-y", "-f", "lavfi", "-i", `testsrc2=size=${size}`, "-frames:v", "1", path]);
  const id = await ingestFile(client, new File([await Deno.readFile(path)], name));
  await Deno.remove(path);
  return id;
}

function isAvailable(id: string): Promise<unknown> {
  const read = () => client.json("GET", `/api/v1/assets/${id}`);
  return until("the asset is available", async () => (await read()).status === "available", 60_000);
}

/** The place of the image on the page, in whole pixels. */
function shown(page: Page) {
  return page.evaluate(() => {
    const { x, y, width, height } = document.querySelector("#stage img")!.getBoundingClientRect();
    const [left, top, wide, high] = [x, y, width, height].map(Math.round);
    return { x: left!, y: top!, width: wide!, height: high! };
  });
}
