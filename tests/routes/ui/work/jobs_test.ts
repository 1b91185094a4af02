import assert from "node:assert/strict";
import { failWork, ingestPicture } from "../../../support/assets.ts";
import { visit } from "../../../support/pages.ts";
import { openTestServer, type Person, type TestServer } from "../../../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("jobs are listed with their asset, by state and by kind", async () => {
  const editor = await visit(server, { role: "editor", tenant: "listed" });
  const asset = await ingestPicture(server, editor.person, "rain.png");
  const page = await editor.get("/jobs");
  assert.match(page.row("Analysis")!, /rain .*Waiting/);
  assert.ok(page.has(`a[href='/assets/${asset}?tab=activity']`));
  const failed = await editor.get("/jobs?status=failed");
  assert.ok(failed.has(".segments a[href='/jobs?status=failed'][aria-current=true]"));
  assert.equal(failed.text(".empty h2"), "No jobs here");
  const posters = await editor.submit(page, "main form[action='/jobs']", { job_type: "thumbnail" });
  assert.deepEqual(posters.all("tbody .table__name").map((kind) => kind.text.trim()), ["Poster"]);
});

Deno.test("a failed job says why and is retried where one is", async () => {
  const editor = await visit(server, { role: "editor", tenant: "retried" });
  const job = await failPicture(editor.person);
  const page = await editor.get("/jobs?status=failed");
  assert.match(page.row("Failed")!, /The file could not be read/);
  const after = await editor.submit(page, `form[action='/jobs/${job}/retry']`);
  assert.equal(after.path, "/jobs?status=failed");
  assert.equal(after.text("#toasts .toast p"), "The job starts again.");
  assert.ok(!after.has(`#job-${job}`));
});

Deno.test("a waiting job is cancelled, and can be retried then", async () => {
  const editor = await visit(server, { role: "editor", tenant: "cancelled", language: "pt-BR" });
  await ingestPicture(server, editor.person);
  const page = await editor.get("/jobs?job_type=metadata");
  assert.equal(page.title, "Tarefas");
  const after = await editor.submit(page, "form[action$='/cancel']");
  assert.equal(after.text("#toasts .toast p"), "A tarefa foi cancelada.");
  assert.match(after.row("Análise")!, /Cancelada .*Tentar de novo/);
});

Deno.test("a row, the list and the counts of jobs stand alone for live updates", async () => {
  const editor = await visit(server, { role: "editor", tenant: "parts" });
  const job = await failPicture(editor.person);
  const row = await editor.get(`/jobs/${job}/row`);
  assert.ok(row.has(`#job-${job}[data-status=failed]`));
  assert.ok(!row.has("html"));
  assert.ok((await editor.get("/jobs/list?status=failed")).has(`#job-list #job-${job}`));
  const activity = await editor.get("/activity");
  assert.match(activity.text("#activity"), /running 1 failed/);
});

Deno.test("a viewer sees jobs and no button to change them", async () => {
  const editor = await visit(server, { role: "editor", tenant: "watched" });
  const job = await failPicture(editor.person);
  const viewer = await visit(server, { role: "viewer", tenant: "watched" });
  const page = await viewer.get("/jobs");
  assert.ok(page.has(`#job-${job}`));
  assert.ok(!page.has(".table__act form"));
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

async function failPicture(person: Person): Promise<string> {
  return await failWork(server, person, await ingestPicture(server, person));
}
