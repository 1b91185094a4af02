import assert from "node:assert/strict";
import { failWork, ingestPicture } from "../../../support/assets.ts";
import { visit } from "../../../support/pages.ts";
import { openTestServer, type Person, type TestServer } from "../../../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("jobs are listed as steps of their asset, by state and by kind", async () => {
  const editor = await visit(server, { role: "editor", tenant: "listed" });
  const asset = await ingestPicture(server, editor.person, "rain.png");
  const page = await editor.get("/jobs");
  assert.equal(page.all("tbody tr").length, 1);
  assert.match(page.text(`#work-${asset}`), /^rain .*Analysis Waiting .*Poster Waiting .*Proxy Waiting/);
  assert.ok(page.has(`a[href='/assets/${asset}?tab=activity']`));
  const failed = await editor.get("/jobs?status=failed");
  assert.ok(failed.has(".segments a[href='/jobs?status=failed'][aria-current=true]"));
  assert.equal(failed.text(".empty h2"), "No jobs here");
  const posters = await editor.submit(page, "main form[action='/jobs']", { job_type: "thumbnail" });
  assert.equal(posters.all("tbody tr").length, 1);
});

Deno.test("a failed asset comes first, with the whole reason, and is retried where one is", async () => {
  const editor = await visit(server, { role: "editor", tenant: "retried" });
  const job = await failPicture(editor.person, "unavailable");
  const newer = await ingestPicture(server, editor.person, "newer.png");
  const all = await editor.get("/jobs");
  assert.deepEqual(all.all("tbody tr").map((row) => row.getAttribute("data-state")), ["failed", "open"]);
  assert.ok(all.has(`#work-${newer}`));
  const page = await editor.get("/jobs?status=failed");
  assert.match(page.row("Failed")!, /A part that the work needs was away for too long\. Try again\./);
  const after = await editor.submit(page, `form[action='/jobs/${job}/retry']`);
  assert.equal(after.path, "/jobs?status=failed");
  assert.equal(after.text("#toasts .toast p"), "The job starts again.");
  assert.ok(!after.has("tbody tr"));
});

Deno.test("where the file is at fault no retry is offered, neither among the jobs nor on its page", async () => {
  const editor = await visit(server, { role: "editor", tenant: "hopeless" });
  const asset = await ingestPicture(server, editor.person);
  const job = await failWork(server, editor.person, asset);
  for (const path of ["/jobs?status=failed", `/assets/${asset}?tab=activity`]) {
    const page = await editor.get(path);
    assert.match(page.text("main"), /The file could not be read .*Export it again/);
    assert.ok(!page.has(`form[action='/jobs/${job}/retry']`), path);
  }
});

Deno.test("failed work on an asset in the trash is no trouble anymore", async () => {
  const editor = await visit(server, { role: "editor", tenant: "trashed" });
  const asset = await ingestPicture(server, editor.person);
  await failWork(server, editor.person, asset);
  await editor.post(`/assets/${asset}/trash`);
  const page = await editor.get("/jobs");
  assert.doesNotMatch(page.text("#activity"), /failed/);
  assert.match(page.text(`#work-${asset}`), /in the trash/);
  assert.ok(!page.has("tbody form[action$='/retry']"));
});

Deno.test("the work on an asset is cancelled at once, and can be retried then", async () => {
  const editor = await visit(server, { role: "editor", tenant: "cancelled", language: "pt-BR" });
  const asset = await ingestPicture(server, editor.person);
  const other = await ingestPicture(server, editor.person, "other.png");
  const page = await editor.get("/jobs");
  assert.equal(page.title, "Tarefas");
  const after = await editor.submit(page, `#work-${asset} form[action$='/cancel-all']`);
  assert.equal(after.text("#toasts .toast p"), "O trabalho neste arquivo foi cancelado.");
  assert.doesNotMatch(after.text(`#work-${asset}`), /Aguardando/);
  assert.match(after.text(`#work-${other}`), /Aguardando/);
  const again = await editor.submit(after, `#work-${asset} form[action$='/retry']`);
  assert.match(again.text(`#work-${asset}`), /Análise Aguardando/);
});

Deno.test("a row, the list and the counts of jobs stand alone for live updates", async () => {
  const editor = await visit(server, { role: "editor", tenant: "parts" });
  const asset = await ingestPicture(server, editor.person);
  const job = await failWork(server, editor.person, asset);
  const row = await editor.get(`/jobs/${job}/row`);
  assert.ok(row.has(`#work-${asset}[data-state=failed]`));
  assert.ok(!row.has("html"));
  assert.ok((await editor.get("/jobs/list?status=failed")).has(`#job-list #work-${asset}`));
  const activity = await editor.get("/activity");
  assert.match(activity.text("#activity"), /running 1 failed/);
});

Deno.test("a viewer sees jobs and no button to change them", async () => {
  const editor = await visit(server, { role: "editor", tenant: "watched" });
  const job = await failPicture(editor.person, "internal");
  const viewer = await visit(server, { role: "viewer", tenant: "watched" });
  const page = await viewer.get("/jobs");
  assert.match(page.row("Failed")!, /Something went wrong/);
  assert.ok(!page.has("tbody form"));
  assert.equal((await viewer.post(`/jobs/${job}/retry`)).status, 403);
});

Deno.test("jobs of another tenant are neither listed nor found", async () => {
  const north = await visit(server, { tenant: "jobs-north" });
  const job = await failPicture(north.person);
  const south = await visit(server, { tenant: "jobs-south" });
  assert.ok(!(await south.get("/jobs")).has("tbody tr"));
  assert.equal((await south.get(`/jobs/${job}/row`)).status, 404);
  assert.equal((await south.post(`/jobs/${job}/retry`)).status, 404);
});

Deno.test("a filter that does not fit is refused", async () => {
  const viewer = await visit(server, { role: "viewer" });
  assert.equal((await viewer.get("/jobs?status=lost")).status, 422);
});

async function failPicture(person: Person, code?: string): Promise<string> {
  return await failWork(server, person, await ingestPicture(server, person), code);
}
