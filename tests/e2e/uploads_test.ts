// The upload tray: what it says is what has happened.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ingestFile } from "../support/assets.ts";
import { openSite, type Page, type Site, type Visit } from "../support/browser.ts";
import { drop, randomBytes, slowDown } from "./tray.ts";
import { until } from "../support/until.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };
const MIB = 1024 * 1024;

let site: Site;
let folder: string;
Deno.test.beforeAll(async () => {
  site = await openSite({ worker: false });
  folder = await Deno.makeTempDir();
});
Deno.test.afterAll(async () => {
  await site.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a duplicate is added only when the person says so", OPTIONS, async () => {
  const { page, person, problems } = await visitEmptyLibrary();
  const client = await site.client(person);
  const count = async () => (await client.json("GET", "/api/v1/assets")).total;
  const bytes = randomBytes(1000);
  const first = await ingestFile(client, new File([bytes], "first.bin"));
  await page.goto("/");
  await drop(page, "copy.bin", bytes);
  const row = page.locator(".tray__row", { hasText: "copy.bin" });
  await page.waitForSelector('.tray__row[data-state="duplicate"]');
  assert.match(await row.textContent() ?? "", /Already in the library\. Nothing added yet/);
  assert.equal(await row.locator("[data-act=other]").getAttribute("href"), `/assets/${first}`);
  assert.equal(await count(), 1);
  await row.locator("[data-act=skip]").click();
  await page.waitForSelector('.tray__row[data-state="skipped"]');
  assert.equal(await page.textContent("[data-headline]"), "Nothing was added");
  await page.click("[data-act=close]");
  await page.waitForSelector(".tray", { state: "hidden" });
  assert.equal(await count(), 1);

  await drop(page, "copy.bin", bytes);
  await page.waitForSelector('.tray__row[data-state="duplicate"]');
  // Undecided duplicates survive a reload; the bytes are not sent again.
  await page.reload();
  await page.waitForSelector('.tray__row[data-state="duplicate"]');
  await page.click(".tray__row [data-act=keep]");
  await page.waitForSelector('.tray__row[data-state="done"]');
  assert.match(await row.textContent() ?? "", /Uploaded, as a second asset/);
  assert.equal(await count(), 2);
  assert.deepEqual(problems.filter((each) => !each.includes("409")), []);
});

for (const rule of ["link", "refuse"]) {
  Deno.test(`a duplicate is not added where the tenant says ${rule}`, OPTIONS, async () => {
    const { page, person, problems } = await visitEmptyLibrary();
    const client = await site.client(person);
    const bytes = randomBytes(1000);
    const first = await ingestFile(client, new File([bytes], "first.bin"));
    const root = await site.client(await site.addPerson({ superuser: true }));
    const settings = { duplicate_rule: rule };
    await root.json("PATCH", `/api/v1/tenants/${person.tenantId}`, { settings });
    await page.goto("/");
    await drop(page, "copy.bin", bytes);
    await page.waitForSelector('.tray__row[data-state="present"]');
    assert.ok(!await page.isVisible(".tray__row [data-act=keep]"));
    assert.equal(await page.getAttribute(".tray__row [data-act=other]", "href"), `/assets/${first}`);
    assert.equal((await client.json("GET", "/api/v1/assets")).total, 1);
    await until("its bytes are forgotten", async () => {
      const [row] = await site.platform.db.asTenant(
        person.tenantId,
        (sql) => sql`select count(*)::int as held from uploads where finished_at is null`,
      );
      return row!.held === 0;
    });
    assert.deepEqual(problems.filter((each) => !each.includes("409")), []);
  });
}

Deno.test("a paused upload shows how much the server has", OPTIONS, async () => {
  const { page, person, problems } = await visitEmptyLibrary();
  await page.goto("/");
  await slowDown(page, 3 * MIB);
  await page.setInputFiles("[data-files]", await writeFile("long.bin", 24 * MIB));
  await page.waitForFunction(
    () => (document.querySelector<HTMLProgressElement>(".tray__row progress")?.value ?? 0) > 20,
  );
  await page.click(".tray__row [data-act=pause]");
  const paused = page.locator(".tray__row [data-state-text]", { hasText: "Paused at" });
  await paused.waitFor();
  assert.ok(await percentOf(page) > 15, "at once what was sent");
  await until("what is stored is shown", async () => {
    const [row] = await site.platform.db.asTenant(
      person.tenantId,
      (sql) => sql`select received_bytes + tail_bytes as stored from uploads`,
    );
    const stored = Math.floor(100 * row!.stored / (24 * MIB));
    return stored > 0 && await percentOf(page) === stored;
  });
  assert.deepEqual(problems, []);
});

Deno.test("a lost connection is told until bytes flow again, and not longer", OPTIONS, async () => {
  const { page } = await visitEmptyLibrary();
  await page.goto("/");
  let lost = 0;
  await page.route("**/api/v1/uploads/*", (route) => {
    if (route.request().method() !== "PATCH" || lost++ > 0) return route.continue();
    return route.abort("connectionreset");
  });
  await slowDown(page, 2 * MIB);
  await page.setInputFiles("[data-files]", await writeFile("lossy.bin", 6 * MIB));
  const state = page.locator(".tray__row [data-state-text]");
  await state.filter({ hasText: "Connection lost, trying again" }).waitFor();
  await state.filter({ hasText: /of 6\.3 MB/ }).waitFor();
  assert.equal(lost, 2, "the part is sent for the second time");
  await slowDown(page, -1);
  await page.waitForSelector('.tray__row[data-state="done"]');
});

Deno.test(
  "an upload is paused, survives a reload and resumes when the file is dropped again",
  OPTIONS,
  async () => {
    const { page, problems } = await visitEmptyLibrary();
    const large = await writeFile("large.bin", 24 * MIB);
    await page.goto("/");
    await slowDown(page, 8 * MIB);
    await page.setInputFiles("[data-files]", large);
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
    await page.setInputFiles("[data-files]", large);
    await page.waitForSelector('.tray__row[data-state="done"]', { timeout: 60_000 });
    assert.ok(offsets[0]! > 0, "the upload resumes at its offset");
    assert.deepEqual(problems, []);
  },
);

Deno.test("the total progress of several files never decreases", OPTIONS, async () => {
  const { page, problems } = await visitEmptyLibrary();
  await page.goto("/");
  await page.evaluate(() => {
    const bar = document.querySelector<HTMLProgressElement>("progress[data-total]")!;
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
  assert.deepEqual(problems, []);
});

/** Opens the library of a tenant of its own, so that other cases are not seen here. */
function visitEmptyLibrary(): Promise<Visit> {
  return site.visit({ tenant: `uploads-${crypto.randomUUID()}` });
}

async function percentOf(page: Page): Promise<number> {
  return Number(/Paused at (\d+)%/.exec(await page.textContent(".tray__row [data-state-text]") ?? "")?.[1]);
}

/** Writes a file of a repeated random block. */
async function writeFile(name: string, length: number): Promise<string> {
  const block = randomBytes(60_000);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += block.length) bytes.set(block.subarray(0, length - at), at);
  await Deno.writeFile(`${folder}/${name}`, bytes);
  return `${folder}/${name}`;
}
