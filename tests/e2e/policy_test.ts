// HTML that was injected into a page has no effect: the tests write it into responses on their way to the browser.
import assert from "node:assert/strict";
import { ingestPicture } from "../support/assets.ts";
import { openSite, type Page, type Site } from "../support/browser.ts";

import type { Client, Person } from "../support/server.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

let site: Site;
let person: Person;
let client: Client;
let asset: string;
let injected: string;
Deno.test.beforeAll(async () => {
  site = await openSite({ worker: false });
  person = await site.addPerson();
  client = await site.client(person);
  const form = new FormData();
  form.set("file", new File(["globalThis.ran.push('file')"], "evil.js", { type: "text/javascript" }));
  const evil = await (await client.fetch("/api/v1/ingest", { method: "POST", body: form })).json();
  asset = await ingestPicture(site, person);
  injected = `<div id="injected">
    <script>globalThis.ran.push("inline")</script>
    <script type="module">globalThis.ran.push("module")</script>
    <script nonce="guess">globalThis.ran.push("guess")</script>
    <script src="/media/assets/${evil.asset_id}/original"></script>
    <script src="data:text/javascript,globalThis.ran.push('data')"></script>
    <img src="x" onerror="globalThis.ran.push('handler')">
    <a id="js" href="javascript:globalThis.ran.push('link')">x</a>
    <iframe srcdoc="<script>parent.ran.push('frame')</script>"></iframe>
    <object data="/media/assets/${evil.asset_id}/original"></object>
    <base href="https://elsewhere.example/">
    <i id="gated" hx-get="/activity" hx-trigger="load" hx-target="#injected"></i>
    <i hx-on:click="globalThis.ran.push('hx-on')" id="hx-on">x</i>
  </div>`;
});
Deno.test.afterAll(async () => {
  await site.close();
});

Deno.test(
  "the content security policy runs no script that was injected into a document",
  OPTIONS,
  async () => {
    const { page } = await site.visit({ as: person });
    const violations = await injectInto(page, (url) => url.pathname === "/jobs", injected);
    await page.goto("/jobs");
    await provoke(page);
    assert.deepEqual(await page.evaluate(() => (globalThis as any).ran), []);
    assert.ok(
      (await violations()).some((each) => each.startsWith("script-src")),
      "it was refused, not absent",
    );
    assert.equal(await page.evaluate(() => document.baseURI), `${site.url}/jobs`);
  },
);

Deno.test(
  "the content security policy runs nothing from a swapped part without the nonce of the page",
  OPTIONS,
  async () => {
    const { page } = await site.visit({ as: person });
    const asked: string[] = [];
    await injectInto(page, (url) => url.pathname === "/jobs", injected);
    await page.goto("/");
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.click(".rail a[href='/jobs']");
    await provoke(page);
    // htmx removes the attribute when it processes what it swapped in.
    await page.waitForSelector("#gated:not([hx-get])", { state: "attached" });
    assert.deepEqual(await page.evaluate(() => (globalThis as any).ran), []);
    assert.ok(!asked.includes("/activity"), "an injected hx-get asks for nothing");
  },
);

Deno.test("the nonce differs with every response, and scripts that pages load run", OPTIONS, async () => {
  const nonces = new Set<string>();
  for (let nth = 0; nth < 3; nth++) {
    const response = await client.fetch("/");
    const nonce = /script-src 'nonce-([^']+)'/.exec(response.headers.get("Content-Security-Policy")!)![1]!;
    nonces.add(nonce);
    assert.ok((await response.text()).includes(`nonce="${nonce}"`));
  }
  assert.equal(nonces.size, 3);
  const { page, problems } = await site.visit({ as: person });
  await page.goto("/");
  await page.click(`a[href^="/assets/${asset}"]`);
  await page.waitForSelector("#asset-title");
  await page.click("a[href$='tab=technical']");
  await page.waitForSelector("[aria-current][href$='tab=technical'], [aria-selected=true]");
  await page.goBack();
  await page.waitForSelector('#page[data-page="library"]');
  assert.deepEqual(problems, []);
});

/** Inserts `html` into responses to matching requests; returns a function that lists the violations so far. */
async function injectInto(page: Page, matches: (url: URL) => boolean, html: string) {
  await page.addInitScript(() => {
    Object.assign(globalThis, { ran: [], refused: [] });
    document.addEventListener(
      "securitypolicyviolation",
      (event) => (globalThis as any).refused.push(`${event.effectiveDirective} ${event.blockedURI}`),
    );
  });
  await page.route(matches, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/<main [^>]*id="page"[^>]*>/, (main) => main + html);
    await route.fulfill({ response, body });
  });
  return () => page.evaluate(() => (globalThis as any).refused as string[]);
}

/** Waits for the injected HTML and activates all of it. */
async function provoke(page: Page): Promise<void> {
  await page.waitForSelector("#injected", { state: "attached" });
  await page.evaluate(() => {
    for (const id of ["js", "hx-on"]) document.getElementById(id)!.click();
  });
  await page.waitForLoadState("networkidle");
}
