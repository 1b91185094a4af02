// Titles, names, file names and metadata stay text on every page that shows them. Each payload would otherwise open a
// dialog, add an element, or be reported as a violation of the content security policy.
import assert from "node:assert/strict";
import sharp from "sharp";
import { ingestFile } from "../support/assets.ts";
import { openSite, type Page, type Site } from "../support/browser.ts";
import type { Client, Person } from "../support/server.ts";
import { until } from "../support/until.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

const ZOO = [
  `<script>alert(1)</script><xss-probe>`,
  `"><img src=x onerror=alert(1)><xss-probe>`,
  `'-alert(1)-'" onmouseover="alert(1)" autofocus onfocus="alert(1)`,
  `</title></textarea></style></script><svg/onload=alert(1)><xss-probe>`,
  `javascript:alert(1)//%0aalert(1)`,
  `{{constructor.constructor('alert(1)')()}}\${alert(1)}<xss-probe>`,
  `<a href="javascript:alert(1)" hx-get="/x" hx-trigger="load">x</a><xss-probe>`,
  `<iframe srcdoc="<script>parent.alert(1)</script>"></iframe><xss-probe>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math><xss-probe>`,
  `\u2028\u2029<\u200bscript>alert(1)</script>&lt;script&gt;&#60;xss-probe&#62;`,
];

const LISTS = [
  "/",
  "/?status=failed",
  "/jobs",
  "/settings",
  "/settings/keys",
  "/settings/sessions",
  "/admin",
  "/admin/groups",
  "/admin/audit",
  "/admin/tenants",
];
const TABS = ["?tab=technical", "?tab=activity", "?edit=1"];

let site: Site;
let person: Person;
let client: Client;
/** One asset of each payload; cases only look at them. */
let assets: string[];
Deno.test.beforeAll(async () => {
  site = await openSite();
  person = await site.addPerson({ superuser: true });
  client = await site.client(person);
  assets = [];
  for (const payload of ZOO) assets.push(await ingestPayload(payload));
  for (const [number, name] of ZOO.entries()) {
    await client.json("POST", "/api/v1/tenants", { code: `zoo-${number}`, name }, 201);
    await client.json("POST", "/api/v1/api-keys", { name }, 201);
    await client.json("POST", "/api/v1/groups", { name, description: name }, 201);
    const email = `zoo${number}@example.org`;
    await client.json("POST", "/api/v1/auth/register", { email, name, password: "three blue herons" }, 201);
  }
  await until("all assets are settled", async () => {
    const { items } = await client.json("GET", "/api/v1/assets?page_size=100");
    return items.every(({ status }) => status === "available" || status === "failed");
  }, 60_000);
});
Deno.test.afterAll(async () => {
  await site.close();
});

Deno.test("every page shows the payloads as text and runs none", OPTIONS, async () => {
  const { page, dialogs, problems } = await visitWatched();
  for (const path of [...LISTS, ...assets.map((id) => `/assets/${id}`)]) {
    await page.goto(path);
    await page.evaluate(() => document.querySelectorAll("details").forEach((each) => each.open = true));
    assert.equal(await page.locator("xss-probe").count(), 0, path);
    assert.deepEqual(dialogs, [], path);
  }
  assert.deepEqual(problems, []);
});

Deno.test("the browser's parser finds no injected markup in searches, tabs and forms", OPTIONS, async () => {
  const { page, dialogs, problems } = await visitWatched();
  await page.goto("/");
  const searches = ZOO.map((payload) => `/?search=${encodeURIComponent(payload)}`);
  const panels = assets.flatMap((id) => TABS.map((tab) => `/assets/${id}${tab}`));
  for (const path of [...searches, ...panels]) {
    assert.deepEqual(await activeMarkup(page, path), [], path);
  }
  assert.deepEqual(dialogs, []);
  assert.deepEqual(problems, []);
});

Deno.test("swapped parts show payloads as text too", OPTIONS, async () => {
  const id = await ingestPayload("swapped");
  const { page, dialogs, problems } = await visitWatched();
  await page.goto("/");
  const name = `"><xss-probe>swapped<img src=x onerror=alert(1)>`;
  // Changed again until the card follows: the page may not be listening yet.
  await until("the card shows it", async () => {
    await client.json("PATCH", `/api/v1/assets/${id}`, { title: name });
    return await page.getByText(name).first().isVisible();
  });
  assert.equal(await page.locator("xss-probe").count(), 0);
  await page.click(`a[href="/assets/${id}"] >> nth=0`);
  await page.waitForSelector("#asset-title");
  assert.equal(await page.locator("xss-probe").count(), 0);
  assert.deepEqual(dialogs, []);
  assert.deepEqual(problems, []);
});

Deno.test("an error page shows no markup from the address", OPTIONS, async () => {
  const { page, dialogs, problems } = await visitWatched();
  await page.goto(`/nowhere/${encodeURIComponent(ZOO[0]!)}?next=${encodeURIComponent(ZOO[4]!)}`);
  assert.equal(await page.locator("xss-probe").count(), 0);
  assert.deepEqual(dialogs, []);
  assert.deepEqual(problems.filter((line) => !line.includes("404 (Not Found)")), []);
});

Deno.test(
  "an HTML page, a drawing or a feed that was ingested is downloaded, not shown",
  OPTIONS,
  async () => {
    const { page, dialogs, problems } = await visitWatched();
    for (const [name, body] of Object.entries(HOSTILE_FILES)) {
      const id = await ingestFile(client, new File([body], name));
      await page.goto("/");
      const saving = page.waitForEvent("download");
      await page.evaluate((href) => location.assign(href), `/media/assets/${id}/original`);
      await (await saving).cancel();
      assert.match(page.url(), /\/$/);
    }
    assert.deepEqual(dialogs, []);
    assert.deepEqual(problems, []);
  },
);

/** Signs in as the account that is named by a payload; `dialogs` are the pages where a script opened one. */
async function visitWatched(): Promise<{ page: Page; dialogs: string[]; problems: string[] }> {
  const { page, problems } = await site.visit({ as: person });
  // A visit renames its account, so the payload is set after it.
  await client.json("PATCH", "/api/v1/auth/me", { name: ZOO[1] });
  const dialogs: string[] = [];
  page.on("dialog", async (dialog) => {
    dialogs.push(page.url());
    await dialog.dismiss();
  });
  return { page, dialogs, problems };
}

/** Ingests a picture whose title, description, code, file name and metadata are the payload. */
async function ingestPayload(payload: string): Promise<string> {
  const file = new File([await photoBy(payload)], `${payload}.jpg`);
  const fields = { title: payload, description: payload, code: payload.slice(0, 200) };
  const id = await ingestFile(client, file, fields);
  await client.json("PATCH", `/api/v1/assets/${id}`, { extra: { [payload]: payload } });
  return id;
}

/** Parses a page without rendering it; returns elements that only a payload can have added. */
function activeMarkup(page: Page, path: string): Promise<string[]> {
  return page.evaluate(async (path) => {
    const html = await (await fetch(path)).text();
    const parsed = new DOMParser().parseFromString(html, "text/html");
    const addresses = ["href", "src", "action", "formaction", "data"];
    const isActive = ({ name, value }: Attr) =>
      name.startsWith("on") || (addresses.includes(name) && /^\s*javascript:/i.test(value));
    return [...parsed.querySelectorAll("*")]
      .filter((each) =>
        each.matches("xss-probe, iframe, math, script:not([nonce])") || [...each.attributes].some(isActive)
      )
      .map((each) => each.outerHTML.slice(0, 160));
  }, path);
}

const HOSTILE_FILES: Record<string, string> = {
  "page.html": `<!doctype html><title>x</title><script>alert(document.domain)</script>`,
  "drawing.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`,
  "feed.xml": `<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>`,
};

/** A picture whose EXIF fields are the payload. */
async function photoBy(payload: string): Promise<Uint8Array<ArrayBuffer>> {
  const make = payload.replaceAll(/[^\x20-\x7e]/g, "");
  const exif = { IFD0: { Make: make, Model: make, Artist: make, ImageDescription: make } };
  const picture = sharp({ create: { width: 64, height: 48, channels: 3, background: "#888" } });
  return new Uint8Array(await picture.withExif(exif).jpeg().toBuffer());
}
