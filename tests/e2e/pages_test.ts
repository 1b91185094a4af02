import assert from "node:assert/strict";
import { axeFindings, openSite, type Page, PHONE } from "../support/browser.ts";
import { tinyPng } from "../support/media.ts";
import { PASSWORD } from "../support/server.ts";
import { until } from "../support/until.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

Deno.test("pages", OPTIONS, async (t) => {
  const site = await openSite();
  const person = await site.addPerson({ role: "admin", superuser: true });
  const client = await site.client(person);
  const broken = await bringIn(
    "broken.mp4",
    new TextEncoder().encode("\0\0\0\x18ftypisom\0\0\x02\0isomiso2 but no more"),
  );
  const picture = await bringIn("pixel.png", tinyPng());
  await settles(broken, "failed");
  await settles(picture, "available");
  const group = await client.json("POST", "/api/v1/groups", { name: "News desk" }, 201);
  await client.json("PUT", `/api/v1/groups/${group.id}/members/${person.id}`);
  const house = { name: "TV login", issuer: "https://login.example.org", client_id: "akashi" };
  const provider = await client.json("POST", "/api/v1/providers", house, 201);
  const paths = [
    "/",
    "/?status=failed",
    "/?search=nothing",
    `/assets/${broken}`,
    `/assets/${picture}?tab=technical`,
    `/assets/${picture}?edit=1`,
    `/assets/${picture}?tab=access`,
    `/assets/${picture}?tab=activity`,
    "/jobs",
    "/settings",
    "/settings/security",
    "/settings/sessions",
    "/settings/keys",
    "/admin",
    "/admin/groups",
    `/admin/groups/${group.id}`,
    "/admin/providers",
    `/admin/providers/${provider.id}`,
    "/admin/audit",
    "/admin/usage",
    "/admin/tenants",
    `/admin/tenants/${person.tenantId}`,
  ];

  await t.step("sign in keeps where one wanted to go and says what is wrong", async () => {
    const { page } = await site.stranger();
    await page.goto(`/assets/${picture}`);
    assert.match(page.url(), /\/sign-in\?next=/);
    await page.fill("#field-email", person.email);
    await page.fill("#field-password", "wrong");
    await page.keyboard.press("Enter");
    assert.match(await page.textContent(".notice--bad[role=alert]") ?? "", /not right/);
    assert.equal(await page.inputValue("#field-email"), person.email);
    await page.fill("#field-password", PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#asset-title");
    assert.match(page.url(), new RegExp(picture));
    await page.context().clearCookies();
    await page.click(".rail a[href='/jobs']");
    await page.waitForURL(/\/sign-in\?next=%2Fjobs/);
    await page.fill("#field-email", person.email);
    await page.fill("#field-password", PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForSelector('#page[data-page="jobs"]');
    await page.click(".menu summary");
    await page.click("form[action='/sign-out'] button");
    await page.waitForSelector("#field-email");
    assert.deepEqual(await axeFindings(page), []);
  });

  for (const theme of ["dark", "light"] as const) {
    await t.step(`every page is clean of axe findings and complaints, ${theme}`, async () => {
      const { page, problems } = await site.visit({
        as: person,
        theme,
        language: theme === "dark" ? "pt-BR" : "en",
      });
      for (const path of paths) {
        await page.goto(path);
        assert.deepEqual(await axeFindings(page), [], path);
        if (path === "/") await menusAreClean(page);
      }
      assert.deepEqual(problems, []);
      await page.goto("/nothing/here");
      assert.deepEqual(await axeFindings(page), []);
    });
  }

  await t.step("a page that is not there says so with its request", async () => {
    const { page } = await site.visit({ as: person });
    const answer = await page.goto("/assets/00000000-0000-7000-8000-000000000000");
    assert.equal(answer!.status(), 404);
    assert.equal(await page.textContent(".fault code"), answer!.headers()["x-request-id"]);
    await page.click(".fault .button");
    await page.waitForSelector('#page[data-page="library"]');
  });

  await t.step("a failed asset says why, its job is tried again from the list of jobs", async () => {
    const { page, problems } = await site.visit({ as: person });
    await page.goto(`/assets/${broken}`);
    assert.match(await page.textContent(".stage__note") ?? "", /original is safe/);
    // What happens before the page listens it never hears of.
    const listening = page.waitForResponse("**/events");
    await page.goto("/jobs?status=failed");
    await listening;
    const row = page.locator("tr[data-status=failed]").first();
    assert.match(await row.textContent() ?? "", /\./);
    await row.locator("button").click();
    await page.waitForSelector("#toasts .toast");
    await settles(broken, "failed");
    await page.waitForSelector("tr[data-status=failed]");
    assert.deepEqual(problems, []);
  });

  await t.step(
    "on a phone what is chosen comes into view, once, and what was scrolled to stays",
    async () => {
      const { page } = await site.visit({ as: person, ...PHONE });
      const row = page.locator(".heading .segments");
      const scrolled = () => row.evaluate((row) => row.scrollLeft);
      const listening = page.waitForResponse("**/events");
      await page.goto("/jobs?status=cancelled");
      await listening;
      assert.ok(await scrolled() > 0);
      await row.evaluate((row) => row.scrollLeft = 0);
      const told = page.waitForResponse((answer) => answer.url().includes("/jobs/list?"));
      const failed = await client.json("GET", `/api/v1/jobs?asset_id=${broken}&status=failed`);
      await client.json("POST", `/api/v1/jobs/${failed[0]!.id}/retry`);
      await told;
      await settles(broken, "failed");
      assert.equal(await scrolled(), 0);
      await page.goto("/jobs");
      await page.click(".segments a[href='/jobs?status=cancelled']");
      await page.waitForFunction(() => document.querySelector(".heading .segments")!.scrollLeft > 0);
    },
  );

  await t.step("a viewer sees no button that would refuse", async () => {
    const { page } = await site.visit({ role: "viewer" });
    for (const path of ["/", `/assets/${picture}`, "/jobs"]) {
      await page.goto(path);
      assert.equal(
        await page.locator("[data-upload], form[data-trash], #edit, .table__act button").count(),
        0,
        path,
      );
    }
  });

  await t.step(
    "an administrator invites somebody, who comes in, loses the role and the account",
    async () => {
      const { page, problems } = await site.visit({ as: await site.addPerson({ role: "admin" }) });
      const row = page.locator("tr", { hasText: "bia@example.org" }).last();
      await page.goto("/admin");
      await page.fill("#field-email", "nothing");
      await page.click("form[action='/admin'] button");
      await page.waitForSelector("#field-email[aria-invalid=true]");
      await page.fill("#field-email", "bia@example.org");
      await page.selectOption("form[action='/admin'] select", "editor");
      await page.click("form[action='/admin'] button");
      await page.click("[data-copy=invitation-link]");
      await page.waitForSelector("#toasts .toast");
      const link = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(link, await page.inputValue("#invitation-link"));
      const { page: theirs, problems: theirProblems } = await site.stranger();
      await theirs.goto(link);
      assert.deepEqual(await axeFindings(theirs), []);
      await theirs.fill("#field-name", "Bia");
      await theirs.fill("#field-password", "password123");
      await theirs.keyboard.press("Enter");
      await theirs.waitForSelector("#field-password[aria-invalid=true]");
      await theirs.fill("#field-password", "three blue herons");
      await theirs.keyboard.press("Enter");
      await theirs.waitForSelector('#page[data-page="library"]');
      assert.equal(await theirs.locator("[data-upload]").count() > 0, true);
      assert.equal(await theirs.locator(".rail a[href='/admin']").count(), 0);
      await page.goto("/admin");
      await row.locator("select").selectOption("viewer");
      await page.waitForSelector("#toasts .toast");
      await theirs.reload();
      assert.equal(await theirs.locator("[data-upload]").count(), 0);
      await row.locator("button", { hasText: "Deactivate" }).click();
      await row.locator("button", { hasText: "Reactivate" }).waitFor();
      const undo = page.locator("#toasts form[action$='/reactivate'] button");
      // A notice stays while one points at it, however long the other page takes.
      await undo.hover();
      await theirs.goto("/jobs");
      assert.match(theirs.url(), /\/sign-in/);
      await undo.click();
      await row.locator("button", { hasText: "Deactivate" }).waitFor();
      const { page: late } = await site.stranger();
      const spent = await late.goto(link);
      assert.equal(spent!.status(), 404);
      assert.deepEqual(await axeFindings(late), []);
      // What a form refuses, the browser's console calls a failed load.
      const said = [...problems, ...theirProblems].filter((problem) => !problem.includes("status of 422"));
      assert.deepEqual(said, []);
    },
  );

  await t.step("API keys are made, told once and revoked; a session is ended from another", async () => {
    const editor = await site.addPerson({ role: "editor" });
    const { page } = await site.visit({ as: editor });
    const api = await site.client(editor);
    await page.goto("/settings/keys");
    await page.fill("#field-name", "Ingest station");
    assert.equal(await page.locator("select[name=scope] option").count(), 2);
    await page.click("form[action='/settings/keys'] button");
    const key = await page.inputValue("#new-key");
    const ask = async () => {
      const answer = await fetch(`${site.url}/api/v1/assets`, { headers: { "X-API-Key": key } });
      await answer.body?.cancel();
      return answer.status;
    };
    assert.equal(await ask(), 200);
    await page.reload();
    assert.equal(await page.locator("#new-key").count(), 0);
    await page.locator("tr", { hasText: "Ingest station" }).locator("button").click();
    await page.waitForSelector("#toasts .toast");
    assert.equal(await ask(), 401);
    await page.goto("/settings/sessions");
    await page.locator("form[action$='/end'] button").click();
    await page.waitForSelector("#toasts .toast");
    await api.json("GET", "/api/v1/auth/me", undefined, 401);
  });

  await t.step("a superuser opens a house, closes it, and opens it again", async () => {
    const { page } = await site.visit({ as: person });
    await page.goto("/admin/tenants");
    await page.fill("#field-name", "TV Norte");
    await page.fill("#field-code", "tv-norte");
    await page.fill("#field-email", "norte@example.org");
    await page.click("form[action='/admin/tenants'] button");
    const { page: theirs } = await site.stranger();
    await theirs.goto(await page.inputValue("#invitation-link"));
    await theirs.fill("#field-name", "Norte");
    await theirs.fill("#field-password", "three blue herons");
    await theirs.keyboard.press("Enter");
    await theirs.waitForSelector(".rail a[href='/admin']");
    const row = page.locator("tr", { hasText: "TV Norte" });
    await row.locator("button", { hasText: "Suspend" }).click();
    await row.locator("button", { hasText: "Resume" }).waitFor();
    await theirs.goto("/");
    assert.match(theirs.url(), /\/sign-in/);
    await row.locator("button", { hasText: "Resume" }).click();
    await row.locator("button", { hasText: "Suspend" }).waitFor();
    await row.locator("a", { hasText: "TV Norte" }).click();
    await page.selectOption("#field-status", "read_only");
    await page.fill("#field-bytes", "much");
    await page.click("form.form--narrow button");
    await page.waitForSelector("#field-bytes-error");
    await page.fill("#field-bytes", "0,5");
    await page.fill("#field-users", "1");
    await page.click("form.form--narrow button");
    await page.locator("main .table", { hasText: "500 MB" }).waitFor();
    await theirs.goto("/");
    await theirs.waitForSelector(".held");
    await theirs.goto("/admin/usage");
    assert.match(await theirs.textContent("main .table") ?? "", /500 MB/);
  });

  await t.step("the maker of an asset makes it private and shares it with one colleague", async () => {
    const colleague = await site.addPerson({ role: "editor" });
    const maker = await site.visit({ role: "editor" });
    const made = await (await site.client(maker.person)).json(
      "POST",
      "/api/v1/assets",
      { title: "Draft" },
      201,
    );
    const other = await site.visit({ as: colleague });
    await maker.page.goto(`/assets/${made.id}?tab=access`);
    await maker.page.check("#access input[value=private]");
    await maker.page.click("#access button[type=submit]");
    await maker.page.waitForSelector("#access [role=status]");
    await maker.page.goto("/");
    await maker.page.waitForSelector(`#asset-${made.id} .card__lock`);
    await other.page.goto(`/assets/${made.id}`);
    assert.match(await other.page.textContent("h1") ?? "", /nothing here/i);
    await maker.page.goto(`/assets/${made.id}?tab=access`);
    await maker.page.selectOption("#access select[name=add]", `user:${colleague.id}`);
    await maker.page.click("#access button[type=submit]");
    await maker.page.waitForSelector(`#access select[name="user:${colleague.id}"]`);
    await other.page.goto(`/assets/${made.id}?tab=access`);
    assert.equal(await other.page.textContent("#asset-title"), "Draft");
    assert.equal(await other.page.locator("#access, #edit, #tab-access").count(), 0);
    await maker.page.selectOption(`#access select[name="user:${colleague.id}"]`, "none");
    await maker.page.click("#access button[type=submit]");
    await maker.page.waitForSelector(`#access select[name="user:${colleague.id}"]`, { state: "detached" });
    await other.page.reload();
    assert.match(await other.page.textContent("h1") ?? "", /nothing here/i);
    assert.deepEqual(maker.problems, []);
  });

  await t.step("the keyboard reaches everything, the way in is skippable", async () => {
    const { page } = await site.visit({ as: person });
    await page.goto("/");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.className), "skip");
    const reached = new Set<string>();
    for (let press = 0; press < 60; press++) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 60) ?? ""));
    }
    const all = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("a[href], button, input, select, summary")]
        .filter((each) =>
          each.checkVisibility({ visibilityProperty: true }) &&
          !each.closest("details:not([open]) > :not(summary)")
        )
        .map((each) => each.outerHTML.slice(0, 60))
    );
    assert.deepEqual(all.filter((each) => !reached.has(each) && !each.includes("skip")), []);
  });

  await t.step("? lists the shortcuts, g j goes to the jobs, theme and language change", async () => {
    const { page } = await site.visit();
    await page.goto("/");
    await page.keyboard.press("?");
    await page.waitForSelector("#shortcuts[open]");
    assert.equal(await page.locator("#shortcuts section:visible").count(), 2);
    assert.deepEqual(await axeFindings(page), []);
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.press("j");
    await page.waitForSelector('#page[data-page="jobs"]');
    await page.waitForSelector(".rail a[href='/jobs'][aria-current=page]");
    await page.click(".menu summary");
    await page.click(".menu button[value=light]");
    await page.waitForSelector("html[data-theme=light]");
    assert.match(page.url(), /\/jobs$/);
    await page.click(".menu button[value=pt-BR]");
    await page.waitForSelector("html[lang=pt-BR]");
    assert.equal(await page.textContent("h1"), "Tarefas");
    await page.goto("/settings");
    await page.fill("#field-name", " ");
    await page.click("form[action='/settings/profile'] button");
    await page.waitForSelector("#field-name[aria-invalid=true]");
    assert.match(page.url(), /\/settings$/);
    await page.fill("#field-name", "Ana Beatriz");
    await page.click("form[action='/settings/profile'] button");
    await page.waitForSelector("#toasts .toast");
    assert.equal(await page.inputValue("#field-name"), "Ana Beatriz");
  });

  await t.step("on a phone nothing is wider than the screen, details are a sheet", async () => {
    const { page, problems } = await site.visit({ as: person, ...PHONE });
    for (const path of paths) {
      await page.goto(path);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width, path);
      assert.deepEqual(await axeFindings(page), [], path);
    }
    await page.goto(`/assets/${picture}`);
    assert.equal(await page.isVisible("#panel"), false);
    await page.click("[popovertarget=panel].phone-only");
    assert.equal(await page.isVisible("#panel"), true);
    assert.deepEqual(problems, []);
  });

  await t.step(
    "a page weighs at most 50 kB in at most 6 requests before its pictures, and nothing moves",
    async () => {
      const { page } = await site.visit({ as: person });
      const session = await page.context().newCDPSession(page);
      await session.send("Network.enable");
      const bytes = new Map<string, number>();
      session.on("Network.loadingFinished", (event) => bytes.set(event.requestId, event.encodedDataLength));
      const names = new Map<string, string>();
      session.on("Network.requestWillBeSent", (event) => names.set(event.requestId, event.request.url));
      await page.goto("/");
      await page.waitForLoadState("load");
      const needed = [...names].filter(([, url]) => !url.includes("/media/"));
      assert.ok(needed.length <= 6, [...names.values()].join(" "));
      const total = needed.reduce((sum, [id]) => sum + (bytes.get(id) ?? 0), 0);
      assert.ok(total <= 50_000, `${total} bytes`);
      const shift = await page.evaluate(() =>
        new Promise<number>((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
          }).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => resolve(sum), 500);
        })
      );
      assert.ok(shift < 0.005, `layout shift ${shift}`);
    },
  );

  await site.close();

  async function bringIn(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const form = new FormData();
    form.set("file", new File([bytes], name));
    return (await (await client.fetch("/api/v1/ingest", { method: "POST", body: form })).json()).asset_id;
  }

  function settles(id: string, status: string): Promise<unknown> {
    return until(
      "the asset is settled",
      async () => (await client.json("GET", `/api/v1/assets/${id}`)).status === status,
      60_000,
    );
  }
});

async function menusAreClean(page: Page): Promise<void> {
  await page.click(".menu summary");
  assert.deepEqual(await axeFindings(page), []);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".menu[open]").count(), 0);
}
