import assert from "node:assert/strict";
import { ingestPicture, seedAssets } from "../../../support/assets.ts";
import { type HtmlPage, PARTIAL, visit } from "../../../support/pages.ts";
import { openTestServer, type TestServer } from "../../../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("an empty library says how to bring files in, to those who may", async () => {
  const editor = await visit(server, { role: "editor", tenant: "empty" });
  const page = await editor.get("/");
  assert.equal(page.text("[data-empty] h2"), "Bring in your first files");
  assert.ok(page.has("[data-empty] [data-upload]"));
  const viewer = await visit(server, { role: "viewer", tenant: "empty", language: "pt-BR" });
  const same = await viewer.get("/");
  assert.equal(same.text("[data-empty] h2"), "Traga seus primeiros arquivos");
  assert.ok(!same.has("[data-upload], .tray"));
});

Deno.test("a card shows an asset with its type, state and size", async () => {
  const editor = await visit(server, { role: "editor", tenant: "cards" });
  const id = await ingestPicture(server, editor.person, "rain.png");
  const page = await editor.get("/");
  assert.equal(page.text(".heading__count"), "1 asset");
  assert.match(page.text(`#asset-${id}`), /^Image rain Processing .* bytes now$/);
  const card = await editor.get(`/assets/${id}/card`);
  assert.ok(card.has(`li#asset-${id}[data-status=processing]`));
  assert.ok(!card.has("html"));
});

Deno.test("search and filters narrow the library, combine, and stay in the address", async () => {
  const editor = await visit(server, { role: "editor", tenant: "searched" });
  await seedAssets(server, editor.person, 21);
  const found = await editor.submit(await editor.get("/"), "form[role=search]", { search: "Seeded 01" });
  assert.equal(found.path, "/?search=Seeded+01");
  assert.equal(found.all(".card").length, 10);
  assert.match(found.text("main"), /Results for “Seeded 01”/);
  assert.equal(found.value("#search"), "Seeded 01");
  const filtered = await editor.submit(found, "#filter", { status: "failed" });
  assert.match(filtered.path, /search=Seeded\+01&status=failed/);
  assert.equal(filtered.text("[data-empty] h2"), "Nothing matches");
  const videos = await editor.get("/?search=Seeded+01&asset_type=video");
  assert.ok(videos.has(".segments a[aria-current=true][href*='asset_type=video']"));
  assert.equal(videos.all(".card").length, 0);
  assert.equal((await editor.get("/?status=lost")).status, 422);
});

Deno.test("pages of sixty cards lead on and back, also without scripts", async () => {
  const editor = await visit(server, { role: "editor", tenant: "paged" });
  await seedAssets(server, editor.person, 70);
  const first = await editor.get("/");
  assert.equal(first.all(".card").length, 60);
  assert.equal(first.text(".card .card__title"), "Seeded 069");
  const more = first.all(".more a")[0]!.getAttribute("href")!;
  const second = await editor.get(more);
  assert.equal(second.all(".card").length, 10);
  assert.ok(!second.has(".more"));
  assert.equal(second.text("main p.heading a[href='/']"), "Back to the start");
});

Deno.test("cards that htmx adds put into the address how many are shown, and the address brings them back", async () => {
  const editor = await visit(server, { role: "editor", tenant: "scrolled" });
  await seedAssets(server, editor.person, 70);
  const next = (await editor.get("/")).all(".more")[0]!.getAttribute("hx-get")!;
  const cards = await editor.get(next, PARTIAL);
  assert.equal(cards.all(".card").length, 10);
  assert.ok(!cards.has("main"));
  const address = cards.headers.get("HX-Replace-Url")!;
  assert.match(address, /show=70/);
  assert.equal((await editor.get("/?show=70")).all(".card").length, 70);
});

Deno.test("an asset goes to the trash with a notice that brings it back", async () => {
  const editor = await visit(server, { role: "editor", tenant: "trashed" });
  const id = await ingestPicture(server, editor.person, "rain.png");
  const asset = await editor.get(`/assets/${id}`);
  const home = await editor.submit(asset, "form[data-trash]");
  assert.equal(home.path, "/");
  assert.equal(home.text("#toasts .toast p"), "“rain” is in the trash.");
  assert.equal(home.all(".card").length, 0);
  const back = await editor.submit(home, `#toasts form[action='/assets/${id}/restore']`);
  assert.equal(back.text("#toasts .toast p"), "“rain” is back.");
  assert.equal(back.all(".card").length, 1);
});

Deno.test("the trash lists what is in it and restores from there", async () => {
  const editor = await visit(server, { role: "editor", tenant: "binned" });
  const id = await ingestPicture(server, editor.person, "rain.png");
  const empty = await editor.get("/?status=deleted");
  assert.equal(empty.text("[data-empty] h2"), "The trash is empty");
  await editor.post(`/assets/${id}/trash`);
  const trash = await editor.get("/?status=deleted");
  assert.equal(trash.title, "Trash");
  const viewer = await visit(server, { role: "viewer", tenant: "binned" });
  assert.ok(!(await viewer.get("/?status=deleted")).has(".card__act"));
  const after = await editor.submit(trash, `.card__act[action='/assets/${id}/restore']`);
  assert.equal(after.path, "/?status=deleted");
  assert.equal(cardsOf(after), 0);
});

function cardsOf(page: HtmlPage): number {
  return page.all(".card").length;
}

Deno.test("an asset's page leads back to the list that led to it, and to no other site", async () => {
  const editor = await visit(server, { role: "editor", tenant: "back" });
  await seedAssets(server, editor.person, 2);
  const list = "/?asset_type=document&search=Seeded";
  const path = (await editor.get(list)).all(".card__title")[0]!.getAttribute("href")!;
  const page = await editor.get(path, { Referer: server.url + list });
  assert.equal(page.all("a[data-back]")[0]!.getAttribute("href"), list);
  const after = await editor.submit(page, "[data-trash]");
  assert.equal(after.path, list);
  assert.ok(after.has("#toasts form[action$='/restore']"));
  const second = after.all(".card__title")[0]!.getAttribute("href")!;
  const hostile = await editor.submit(await editor.get(second), "[data-trash]", {
    back: "//evil.example/?x",
  });
  assert.equal(hostile.path, "/");
});

Deno.test("a card tells what an editor asks for first, and its state only when that is exceptional", async () => {
  const editor = await visit(server, { role: "editor", tenant: "facts" });
  await seedAssets(server, editor.person, 2, "video");
  const page = await editor.get("/?sort=name");
  const [film, web] = page.all(".card").map((card) => card.getAttribute("data-asset-id")!);
  await server.platform.db.asTenant(editor.person.tenantId, async (sql) => {
    const insert = (id: string, num: number, den: number, variable: boolean) =>
      sql`
      insert into technical_metadata
        (asset_id, tenant_id, width, height, rotation, frame_rate_num, frame_rate_den, is_variable_frame_rate,
         start_timecode, analyzed_at)
      values (${id}, ${editor.person.tenantId}, 1920, 1080, 90, ${num}, ${den}, ${variable}, '10:00:00:00', now())`;
    await insert(film!, 24_000, 1_001, false);
    await insert(web!, 25, 1, true);
  });
  const after = await editor.get("/?sort=name");
  assert.match(after.text(`#asset-${film}`), /1080×1920 23\.98 fps 10:00:00:00 now$/);
  assert.match(after.text(`#asset-${web}`), /1080×1920 25 fps now$/);
  assert.doesNotMatch(after.text("#grid"), /Available/);
});

Deno.test("the library is sorted as the address says, with its filters, and on all its pages", async () => {
  const editor = await visit(server, { role: "editor", tenant: "ordered" });
  await seedAssets(server, editor.person, 70);
  const page = await editor.submit(await editor.get("/?asset_type=document"), "#filter", { sort: "name" });
  assert.match(page.path, /asset_type=document.*sort=name/);
  assert.equal(page.text(".card .card__title"), "Seeded 000");
  assert.equal(page.value("#sort"), "name");
  const more = await editor.get(page.all(".more a")[0]!.getAttribute("href")!);
  assert.equal(more.text(".card .card__title"), "Seeded 060");
  const searched = await editor.submit(page, "form[role=search]", { search: "Seeded 01", sort: "name" });
  assert.equal(searched.text(".card .card__title"), "Seeded 010");
});

Deno.test("a long name is cut before its end and known in full", async () => {
  const editor = await visit(server, { role: "editor", tenant: "long" });
  const name = "RX_2026-11-21_cam-A_interview_minister-of-culture_take-07";
  const id = await ingestPicture(server, editor.person, `${name}.png`);
  const link = (await editor.get("/")).all(`#asset-${id} .card__title`)[0]!;
  assert.deepEqual(link.querySelectorAll(".cut > span").map(({ text }) => text), [
    name.slice(0, -8),
    "_take-07",
  ]);
  assert.deepEqual([link.getAttribute("title"), link.getAttribute("aria-label"), link.text], [
    name,
    name,
    name,
  ]);
});
