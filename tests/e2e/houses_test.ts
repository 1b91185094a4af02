// Two houses on one installation and five roles, from the invitation to the suspended account, in browsers.
import assert from "node:assert/strict";
import { openSite, type Page } from "../support/browser.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };
const PASSWORD = "three blue herons";
/** What each role finds: the upload button, the trash of an asset, the administration. */
const FINDS = {
  admin: [true, true, true],
  manager: [true, true, false],
  editor: [true, true, false],
  user: [false, false, false],
  viewer: [false, false, false],
} as const;
type Role = keyof typeof FINDS;

Deno.test("two houses and five roles", OPTIONS, async (t) => {
  const site = await openSite({ worker: false });
  const complaints: string[][] = [];
  const north = await site.client(await site.addPerson({ role: "admin" }));
  const { id: foreign } = await north.json("POST", "/api/v1/assets", { title: "Northern story" }, 201);
  const { page: office } = await site.visit({ as: await site.addPerson({ superuser: true, role: "admin" }) });
  const people = {} as Record<Role, Page>;
  let story = "";

  await t.step("a superuser opens the second house; its administrator invites the other roles", async () => {
    await office.goto("/admin/tenants");
    await office.fill("#field-name", "TV Sul");
    await office.fill("#field-code", "tv-sul");
    await office.fill("#field-email", "admin@sul.example");
    await office.click("form[action='/admin/tenants'] button");
    people.admin = await join(await office.inputValue("#invitation-link"), "admin");
    for (const role of ["manager", "editor", "user", "viewer"] as const) {
      await people.admin.goto("/admin");
      await people.admin.fill("#field-email", `${role}@sul.example`);
      await people.admin.selectOption("form[action='/admin'] select", role);
      await people.admin.click("form[action='/admin'] button");
      people[role] = await join(await people.admin.inputValue("#invitation-link"), role);
    }
  });

  await t.step(
    "each finds what the role may do, the own house's things, and nothing of the other",
    async () => {
      const made = await people.editor.request.post("/api/v1/assets", {
        data: { title: "Southern story" },
        headers: { Origin: site.url },
      });
      story = (await made.json()).id;
      for (const [role, found] of Object.entries(FINDS) as [Role, readonly boolean[]][]) {
        const page = people[role];
        await page.goto("/");
        assert.equal(await page.locator(".card", { hasText: "Southern story" }).count(), 1, role);
        assert.equal(await page.locator(".card", { hasText: "Northern story" }).count(), 0, role);
        const uploads = await page.locator(".topbar [data-upload]").count() > 0;
        const administers = await page.locator(".rail a[href='/admin']").count() > 0;
        await page.goto(`/assets/${story}`);
        const trashes = await page.locator("form[data-trash]").count() > 0;
        assert.deepEqual([uploads, trashes, administers], found, role);
        assert.equal((await page.goto(`/assets/${foreign}`))!.status(), 404, role);
        assert.equal((await page.goto("/admin"))!.status(), administers ? 200 : 403, role);
      }
    },
  );

  await t.step("an account that is deactivated is out at its next page, the others stay", async () => {
    const { admin, viewer, editor } = people;
    await admin.goto("/admin");
    await admin.locator("tr", { hasText: "viewer@sul.example" }).locator("[id^=act-]").click();
    await admin.locator("tr", { hasText: "viewer@sul.example" }).getByText("Reactivate").waitFor();
    await viewer.goto("/");
    assert.match(viewer.url(), /\/sign-in/);
    await editor.goto("/");
    assert.equal(new URL(editor.url()).pathname, "/");
  });

  await t.step("a house that is suspended is closed to everybody of it, and to nobody else", async () => {
    await office.goto("/admin/tenants");
    const row = office.locator("tr", { hasText: "TV Sul" });
    await row.locator("button", { hasText: "Suspend" }).click();
    await row.locator("button", { hasText: "Resume" }).waitFor();
    for (const role of ["admin", "manager", "editor", "user"] as const) {
      await people[role].goto("/");
      assert.match(people[role].url(), /\/sign-in/, role);
    }
    await north.json("GET", `/api/v1/assets/${foreign}`);
  });

  await t.step("nothing was complained of but what was refused on purpose", () => {
    assert.deepEqual(complaints.flat().filter((each) => !/status of (403|404)/.test(each)), []);
  });

  await site.close();

  /** Follows an invitation to the library, in a browser of one's own. */
  async function join(link: string, role: Role): Promise<Page> {
    const { page, problems } = await site.stranger();
    complaints.push(problems);
    await page.goto(link);
    await page.fill("#field-name", role);
    await page.fill("#field-password", PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForSelector('#page[data-page="library"]');
    return page;
  }
});
