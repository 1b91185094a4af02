// What each role is offered on the pages, and that another tenant shows through none of them.
import assert from "node:assert/strict";
import { visit } from "../../../support/pages.ts";
import { openTestServer, type TestServer } from "../../../support/server.ts";

/** For each role: may upload, may move to the trash, may administer. */
const OFFERED = {
  admin: [true, true, true],
  manager: [true, true, false],
  editor: [true, true, false],
  user: [false, false, false],
  viewer: [false, false, false],
} as const;

let server: TestServer;
let own: string;
let foreign: string;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  own = await createAsset("south", "Southern story");
  foreign = await createAsset("north", "Northern story");
});
Deno.test.afterAll(() => server.close());

for (const [role, offered] of Object.entries(OFFERED)) {
  Deno.test(`${role} is offered what the role may do, in its own tenant alone`, async () => {
    const member = await visit(server, { role, tenant: "south" });
    const home = await member.get("/");
    assert.deepEqual(home.all(".card__title").map((title) => title.text), ["Southern story"]);
    const asset = await member.get(`/assets/${own}`);
    const uploads = home.has(".topbar [data-upload]");
    const trashes = asset.has("form[data-trash]");
    const administers = home.has(".rail a[href='/admin']");
    assert.deepEqual([uploads, trashes, administers], offered);
    assert.equal(asset.has("#edit"), trashes);
    assert.equal((await member.get("/admin")).status, administers ? 200 : 403);
    assert.equal((await member.get(`/assets/${foreign}`)).status, 404);
    assert.equal((await member.get(`/assets/${foreign}/panel`)).status, 404);
    assert.equal((await member.get(`/assets/${foreign}/card`)).status, 404);
    const refused = await member.post(`/assets/${foreign}/trash`);
    assert.equal(refused.status, trashes ? 404 : 403);
  });
}

async function createAsset(tenant: string, title: string): Promise<string> {
  const client = await server.client(await server.addPerson({ tenant }));
  return (await client.json("POST", "/api/v1/assets", { title, asset_type: "video" }, 201)).id;
}
