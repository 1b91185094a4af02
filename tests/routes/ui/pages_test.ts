// What all pages have in common: both languages, the frame, error pages, and parts for htmx.
import assert from "node:assert/strict";
import { ingestPicture } from "../../support/assets.ts";
import { openVisitor, PARTIAL, visit, type Visitor } from "../../support/pages.ts";
import { openTestServer, type TestServer } from "../../support/server.ts";

const UNKNOWN = "00000000-0000-7000-8000-000000000000";
/** Every page that needs no id of its own, with its heading in English and in Portuguese. */
const PAGES: [path: string, en: string, pt: string][] = [
  ["/", "Library", "Acervo"],
  ["/?status=deleted", "Trash", "Lixeira"],
  ["/jobs", "Jobs", "Tarefas"],
  ["/settings", "Settings", "Ajustes"],
  ["/settings/security", "Security", "Segurança"],
  ["/settings/sessions", "Sessions", "Sessões"],
  ["/settings/keys", "API keys", "Chaves de API"],
  ["/admin", "People", "Pessoas"],
  ["/admin/groups", "Groups", "Grupos"],
  ["/admin/providers", "Single sign-on", "Login único"],
  ["/admin/usage", "Usage", "Uso"],
  ["/admin/audit", "Audit", "Auditoria"],
  ["/admin/tenants", "Tenants", "Organizações"],
];

let server: TestServer;
let english: Visitor;
let portuguese: Visitor;
let asset: string;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  const root = await visit(server, { superuser: true });
  english = root;
  portuguese = await visit(server, { superuser: true, language: "pt-BR" });
  asset = await ingestPicture(server, root.person);
});
Deno.test.afterAll(() => server.close());

for (const [path, en, pt] of PAGES) {
  Deno.test(`${path} is written in both languages and leaves no value unfilled`, async () => {
    for (const [visitor, title, language] of [[english, en, "en"], [portuguese, pt, "pt-BR"]] as const) {
      const page = await visitor.get(path);
      assert.equal(page.status, 200);
      assert.equal(page.title, title);
      assert.ok(page.has(`html[lang=${language}] main#page h1`));
      assert.doesNotMatch(page.text("body"), /\{\w+\}/);
      const marked = page.all(".rail a[aria-current=page]").map((link) => link.getAttribute("href")!);
      assert.ok(marked.some((href) => path.startsWith(href)), `the sidebar marks ${path}`);
    }
  });
}

Deno.test("a page for htmx is its main part with its title, for everybody else the whole document", async () => {
  const part = await english.get("/jobs", PARTIAL);
  assert.ok(part.has("main#page[data-page=jobs]"));
  assert.ok(!part.has("html, .rail"));
  assert.equal(part.title, "Jobs");
  assert.match(part.headers.get("Vary")!, /HX-Request-Type/);
  const boosted = await english.get("/jobs", { "HX-Request": "true", "HX-Request-Type": "full" });
  assert.ok(boosted.has("html .rail"));
});

Deno.test("a page that does not exist says so with the id of the request", async () => {
  const unknown = await english.get(`/assets/${UNKNOWN}`);
  assert.equal(unknown.status, 404);
  assert.equal(unknown.text("h1"), "There is nothing here");
  assert.equal(unknown.text(".fault code"), unknown.headers.get("X-Request-Id"));
  assert.ok(unknown.has(".fault a.button[href='/']"));
  assert.equal((await english.get("/nothing/here")).status, 404);
  const translated = await portuguese.get("/nothing/here");
  assert.equal(translated.text("h1"), "Não há nada aqui");
});

Deno.test("an address whose id is not one is refused", async () => {
  const page = await english.get("/assets/not-an-id");
  assert.equal(page.status, 422);
  assert.equal(page.text("h1"), "This address asks for something that does not exist");
});

Deno.test("a change that htmx asked for and is refused becomes a notice beside the page", async () => {
  const viewer = await visit(server, { role: "viewer" });
  const refused = await viewer.post(`/assets/${asset}/trash`, {}, PARTIAL);
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.get("HX-Retarget"), "#toasts");
  assert.match(refused.text("[role=alert]"), /You may not do this/);
  assert.ok(!refused.has("main"));
  const page = await viewer.get("/admin", { ...PARTIAL, "HX-Target": "main#page" });
  assert.ok(page.has("main#page .fault"), "a page that was asked for becomes an error page");
});

Deno.test("a form is refused that is no form", async () => {
  const { cookies } = await visit(server);
  const response = await fetch(`${server.url}/settings/profile`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Sec-Fetch-Site": "same-origin",
      Cookie: `akashi=${cookies.get("akashi")}`,
    },
    body: "{}",
  });
  assert.equal(response.status, 415);
  assert.match(await response.text(), /This kind of content is not accepted here/);
});

Deno.test("a form whose bytes are not UTF-8 is refused; its type may be in any case and have parameters", async () => {
  const { cookies } = await visit(server);
  const send = (name: string) =>
    fetch(`${server.url}/settings/profile`, {
      method: "POST",
      redirect: "manual",
      headers: {
        "Content-Type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
        "Sec-Fetch-Site": "same-origin",
        Cookie: `akashi=${cookies.get("akashi")}`,
      },
      body: `name=${name}&language=en&theme=dark`,
    });
  const [latin1, utf8] = await Promise.all([send("Jo%E3o"), send("Jo%C3%A3o")]);
  assert.equal(latin1.status, 400);
  assert.match(await latin1.text(), /<h1/);
  await utf8.body?.cancel();
  assert.equal(utf8.status, 303);
});

Deno.test("a notice's cookie is taken only as a route of ours would have set it", async () => {
  const visitor = await visit(server);
  const titles = async (notice: unknown) => {
    visitor.cookies.set("akashi_flash", encodeURIComponent(JSON.stringify(notice)));
    const page = await visitor.get("/settings");
    assert.ok(!visitor.cookies.has("akashi_flash"));
    return page.all("#toasts .toast p").map((toast) => toast.text);
  };
  assert.deepEqual(await titles({ text: "people.saved", title: "<b>Ana</b>" }), ["<b>Ana</b> is changed."]);
  assert.deepEqual(await titles({ text: "people.title" }), [], "a text that is no notice");
  assert.deepEqual(await titles({ text: "people.saved", title: "x".repeat(81) }), []);
  assert.deepEqual(await titles({ text: "asset.trashed", id: "//evil.example" }), []);
  assert.deepEqual(await titles("nonsense"), []);
});

Deno.test("a long title is shortened in a notice", async () => {
  const visitor = await visit(server);
  await visitor.post("/admin/groups", { name: "n".repeat(200) });
  const groups = await visitor.get("/admin/groups");
  const link = groups.all("main tbody a").find((each) => each.text.startsWith("nnn"))!;
  const page = await visitor.get(link.getAttribute("href")!);
  const saved = await visitor.submit(page, `form[action='${page.path}']`);
  assert.equal(saved.text("#toasts .toast p"), `“${"n".repeat(59)}…” is saved.`);
});

Deno.test("someone who is not signed in gets no page but those on the way in", async () => {
  for (const [path] of PAGES) {
    const page = await openVisitor(server).get(path);
    assert.ok(page.path.startsWith("/sign-in"), path);
  }
});
