import assert from "node:assert/strict";
import { saveTechnicalMetadata } from "../../../../lib/library/technical_metadata/technical_metadata.ts";
import { NOTHING_TECHNICAL, type TechnicalMetadata } from "../../../../lib/media/schema.ts";
import { failWork, ingestPicture } from "../../../support/assets.ts";
import { PARTIAL, visit } from "../../../support/pages.ts";
import { openTestServer, type TestServer } from "../../../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("an asset shows its state, its facts and the way to its original", async () => {
  const editor = await visit(server, { role: "editor" });
  const id = await ingestPicture(server, editor.person, "rain.png");
  const page = await editor.get(`/assets/${id}`);
  assert.equal(page.title, "rain");
  assert.match(page.text("#asset-status"), /Processing/);
  assert.match(page.text("#stage"), /Making a preview/);
  assert.match(page.text("#details .facts"), /Type Image Size .* File name rain\.png/);
  assert.ok(page.has(`a[download][href='/media/assets/${id}/original']`));
});

Deno.test("tabs of an asset are pages and parts", async () => {
  const editor = await visit(server, { role: "editor", language: "pt-BR" });
  const id = await ingestPicture(server, editor.person, "rain.png");
  const technical = await editor.get(`/assets/${id}?tab=technical`);
  assert.ok(technical.has("#tab-technical[aria-current=true]"));
  assert.match(technical.text("#panel-body"), /Os dados técnicos aparecem/);
  const activity = await editor.get(`/assets/${id}/panel?tab=activity`, PARTIAL);
  assert.match(activity.text("#activity-list"), /Análise Aguardando/);
  assert.ok(!activity.has("main"));
  assert.equal((await editor.get(`/assets/${id}?tab=unknown`)).status, 422);
});

Deno.test("title and description are changed on the page", async () => {
  const editor = await visit(server, { role: "editor" });
  const id = await ingestPicture(server, editor.person, "rain.png");
  const form = await editor.get(`/assets/${id}?edit=1`);
  assert.equal(form.value("#field-title"), "rain");
  const saved = await editor.submit(form, `form[action='/assets/${id}']`, {
    title: "Rain in Recife",
    description: "First line\r\nSecond line",
  });
  assert.equal(saved.path, `/assets/${id}`);
  assert.equal(saved.text("#asset-title"), "Rain in Recife");
  assert.equal(saved.text("#details .prose"), "First line Second line");
  const again = await editor.get(`/assets/${id}?edit=1`);
  assert.equal(again.value("#field-description"), "First line\nSecond line");
});

Deno.test("htmx gets the panel and the new title beside it", async () => {
  const editor = await visit(server, { role: "editor" });
  const id = await ingestPicture(server, editor.person);
  const part = await editor.post(`/assets/${id}`, { title: "Rain", description: "" }, PARTIAL);
  assert.equal(part.status, 200);
  assert.equal(part.text("hx-partial[hx-target='#asset-title'] h1"), "Rain");
  assert.match(part.text("#panel-body"), /No description yet/);
  assert.ok(!part.has("main"));
});

Deno.test("the neighbours of an asset are those of its list that its reader sees", async () => {
  const editor = await visit(server, { role: "editor" });
  const viewer = await visit(server, { role: "viewer" });
  const ids: string[] = [];
  for (const name of ["Beside old.png", "Beside hidden.png", "Other.png", "Beside new.png"]) {
    ids.push(await ingestPicture(server, editor.person, name));
  }
  const [old, hidden, , newest] = ids;
  const client = await server.client(editor.person);
  await client.json("PATCH", `/api/v1/assets/${hidden}`, { visibility: "private" });
  const neighbours = async (by: typeof editor, id: string, list: string) => {
    const page = await by.get(`/assets/${id}/beside?${new URLSearchParams({ list })}`, PARTIAL);
    return ["previous", "next"].map((name) => page.all(`#beside-${name}`)[0]!.getAttribute("href")?.slice(8));
  };
  assert.deepEqual(await neighbours(editor, old!, "/?search=Beside"), [hidden, undefined]);
  assert.deepEqual(await neighbours(viewer, old!, "/?search=Beside"), [newest, undefined]);
  assert.deepEqual(await neighbours(viewer, newest!, "/?search=Beside"), [undefined, old]);
  assert.deepEqual(await neighbours(viewer, old!, "/?search=Beside&sort=oldest"), [undefined, newest]);
  assert.deepEqual(await neighbours(viewer, old!, "/?search=Beside&sort=name"), [newest, undefined]);
  assert.deepEqual((await neighbours(viewer, newest!, "/?status=deleted"))[1], undefined);
  assert.equal((await viewer.get(`/assets/${hidden}/beside`, PARTIAL)).status, 404);
  const opened = await viewer.get(`/assets/${newest}`, { Referer: `${server.url}/?search=Beside` });
  assert.equal(opened.all("#beside-next")[0]!.getAttribute("href"), `/assets/${old}`);
});

Deno.test("an asset needs a title; what was typed stays", async () => {
  const editor = await visit(server, { role: "editor" });
  const id = await ingestPicture(server, editor.person, "rain.png");
  const fields = { title: " ", description: "Kept" };
  const form = await editor.get(`/assets/${id}?edit=1`);
  const page = await editor.submit(form, `form[action='/assets/${id}']`, fields);
  assert.equal(page.status, 422);
  assert.equal(page.text("#field-title-error"), "Give it a title of 1 to 500 characters.");
  assert.equal(page.value("#field-description"), "Kept");
  const part = await editor.post(`/assets/${id}`, { title: "x", description: "y".repeat(50_001) }, PARTIAL);
  assert.equal(part.status, 422);
  assert.match(part.text("#field-description-error"), /50,000/);
  assert.ok(!part.has("main"));
});

Deno.test("a failed asset says why, that the original is safe, and retries where that can help", async () => {
  const editor = await visit(server, { role: "editor" });
  const cut = await ingestPicture(server, editor.person);
  await failWork(server, editor.person, cut, "truncated");
  const hopeless = await editor.get(`/assets/${cut}`);
  assert.match(hopeless.text("#stage"), /ends too early.* Bring in a complete copy\. .*original is safe/);
  assert.ok(!hopeless.has("#stage form"));
  const id = await ingestPicture(server, editor.person);
  const job = await failWork(server, editor.person, id, "timed_out");
  const page = await editor.get(`/assets/${id}`);
  assert.match(page.text("#stage"), /took too long .* original is safe/);
  const viewer = await visit(server, { role: "viewer" });
  assert.ok(!(await viewer.get(`/assets/${id}`)).has("#stage form"));
  const after = await editor.submit(page, `#stage form[action='/jobs/${job}/retry']`);
  assert.equal(after.path, `/assets/${id}`);
  assert.equal(after.text("#toasts .toast p"), "The job starts again.");
  assert.match((await editor.get(`/assets/${id}/stage`, PARTIAL)).text("#asset-status"), /Processing/);
});

Deno.test("an asset in the trash shows that, with nothing to change but to restore it", async () => {
  const editor = await visit(server, { role: "editor" });
  const id = await ingestPicture(server, editor.person);
  await editor.post(`/assets/${id}/trash`);
  const page = await editor.get(`/assets/${id}`);
  assert.match(page.text("#stage"), /This asset is in the trash/);
  assert.ok(!page.has("#edit, form[data-trash], #tab-access"));
  const back = await editor.submit(page, `#stage form[action='/assets/${id}/restore']`);
  assert.equal(back.path, `/assets/${id}`);
});

Deno.test("a viewer is offered nothing that would be refused", async () => {
  const editor = await visit(server, { role: "editor" });
  const id = await ingestPicture(server, editor.person);
  const viewer = await visit(server, { role: "viewer" });
  for (const path of ["/", `/assets/${id}`]) {
    const page = await viewer.get(path);
    assert.ok(!page.has("[data-upload], form[data-trash], #edit, #tab-access, .card__act"), path);
  }
  assert.equal((await viewer.post(`/assets/${id}`, { title: "Mine" })).status, 403);
});

Deno.test("an asset tells how its picture is turned, and its start timecode even without a picture", async () => {
  const editor = await visit(server, { role: "editor" });
  const shown = async (name: string, measured: Partial<TechnicalMetadata>) => {
    const id = await ingestPicture(server, editor.person, name);
    const { tenantId } = editor.person;
    const technical = { ...NOTHING_TECHNICAL, ...measured };
    await server.platform.db.asTenant(
      tenantId,
      (sql) => saveTechnicalMetadata(sql, { tenantId, id }, technical),
    );
    return (await editor.get(`/assets/${id}?tab=technical`)).text("#technical");
  };
  const turned = await shown("turned.png", { width: 64, height: 48, rotation: 270, is_mirrored: true });
  assert.match(turned, /Rotation mirrored 270°/);
  assert.match(await shown("flipped.png", { width: 64, height: 48, is_mirrored: true }), /Rotation mirrored/);
  const sound = await shown("take.png", { container_format: "wav", start_timecode: "10:00:00:00" });
  assert.match(sound, /Format wav Start timecode 10:00:00:00/);
  assert.doesNotMatch(sound, /Rotation|Picture/);
});

Deno.test("details begin with what editors ask for, and mark a camera's time that has no zone", async () => {
  const editor = await visit(server, { role: "editor" });
  const id = await ingestPicture(server, editor.person, "clip.png");
  await server.platform.db.asTenant(editor.person.tenantId, async (sql) => {
    await sql`update assets set recorded_at = '2026-02-03T04:05:06Z' where id = ${id}`;
    await sql`
      insert into technical_metadata
        (asset_id, tenant_id, width, height, frame_rate, frame_rate_num, frame_rate_den, video_codec, audio_codec,
         audio_channels, start_timecode, camera)
      values (${id}, ${editor.person.tenantId}, 1920, 1080, 29.97, 30000, 1001, 'prores', 'pcm_s24le', 2,
              '01:00:00;00', ${sql.json({ recorded_clock: "2026-02-03T04:05:06" })})`;
  });
  const page = await editor.get(`/assets/${id}`);
  assert.match(
    page.text("#details .facts"),
    /Frame rate 29\.97 fps .*Resolution 1920 × 1080 Codec prores, pcm_s24le Start timecode 01:00:00;00 Channels 2 Size/,
  );
  assert.match(page.text("#details .facts"), /Recorded Feb 3, 2026, 4:05 AM camera clock/);
  assert.equal(page.text("#checksum").length, 64);
  const client = await server.client(editor.person);
  await client.json("PATCH", `/api/v1/assets/${id}`, { recorded_at: "2026-02-04T04:05:06Z" });
  assert.doesNotMatch((await editor.get(`/assets/${id}`)).text("#details .facts"), /camera clock/);
});

Deno.test("a preview that was cancelled says so, and is made from there", async () => {
  const editor = await visit(server, { role: "editor" });
  const id = await ingestPicture(server, editor.person);
  const client = await server.client(editor.person);
  for (const job of await client.json("GET", `/api/v1/jobs?asset_id=${id}&status=pending`)) {
    if (job.job_type !== "thumbnail") await client.fetch(`/api/v1/jobs/${job.id}/cancel`, { method: "POST" });
  }
  await server.platform.db.asTenant(editor.person.tenantId, async (sql) => {
    await sql`update jobs set status = 'completed' where asset_id = ${id} and status = 'pending'`;
    await sql`update assets set status = 'available' where id = ${id}`;
  });
  const page = await editor.get(`/assets/${id}`);
  assert.equal(page.text("#asset-status"), "Cancelled");
  assert.match(page.text("#stage"), /The preview was cancelled/);
  const viewer = await visit(server, { role: "viewer" });
  assert.ok(!(await viewer.get(`/assets/${id}`)).has("#stage form"));
  await editor.submit(page, "#stage form");
  const after = await editor.get(`/assets/${id}/stage`, PARTIAL);
  assert.equal(after.text("#asset-status"), "Waiting");
  assert.match(after.text("#stage"), /Making a preview/);
});

Deno.test("activity tells who changed what, to those who may change the asset", async () => {
  const editor = await visit(server, { role: "editor" });
  const id = await ingestPicture(server, editor.person, "rain.png");
  await editor.post(`/assets/${id}`, { title: "Rain in Recife", description: "" }, PARTIAL);
  const other = await visit(server, { role: "editor" });
  const client = await server.client(editor.person);
  const users = [{ user_id: other.person.id, right: "edit" }];
  await client.json("PUT", `/api/v1/assets/${id}/access`, { visibility: "internal", users, groups: [] });
  const history = async (by: typeof editor) =>
    (await by.get(`/assets/${id}?tab=activity`)).text("#activity-tab");
  assert.match(
    await history(editor),
    /Changes .*Asset: sharing changed .*Asset: changed .*rain Rain in Recife/,
  );
  const seen = await history(other);
  assert.match(seen, /Asset: sharing changed/);
  assert.doesNotMatch(seen, /right/);
  const viewer = await visit(server, { role: "viewer" });
  assert.doesNotMatch(await history(viewer), /Changes|Recife/);
});
