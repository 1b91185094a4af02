// Forms that are refused are shown again without breaking the content security policy.
import assert from "node:assert/strict";
import { ingestPicture } from "../support/assets.ts";
import { openSite, type Page, type Site } from "../support/browser.ts";
import type { Person } from "../support/server.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };
const FORM = "#page form[method=post]:has(input:not([type=hidden]), textarea)";

let site: Site;
let person: Person;
Deno.test.beforeAll(async () => {
  site = await openSite({ worker: false });
  person = await site.addPerson({ role: "admin", superuser: true });
});
Deno.test.afterAll(() => site.close());

Deno.test("a form that is refused breaks no rule, also where a field was resized", OPTIONS, async () => {
  const asset = await ingestPicture(site, person);
  const { page, problems } = await site.visit({ as: person });
  const paths = [`/assets/${asset}?edit=1`, "/settings", "/settings/keys", "/admin", "/admin/groups"];
  for (const path of [...paths, "/admin/providers", "/admin/tenants"]) {
    await page.goto(path);
    await submitEmpty(page);
    assert.deepEqual(problems.splice(0).filter((line) => !line.includes("422")), [], path);
  }
});

/** Submits the first form of the page with nothing in it, and waits until it is shown again. */
async function submitEmpty(page: Page): Promise<void> {
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
  await page.evaluate((selector) => {
    const form = document.querySelector<HTMLFormElement>(selector)!;
    for (const field of form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")) {
      if (field.type !== "hidden") field.value = "";
      // As dragging its corner does.
      if (field.matches("textarea")) field.style.height = "200px";
    }
    form.requestSubmit();
  }, FORM);
  assert.equal((await answered).status(), 422);
  await page.waitForSelector("[aria-invalid=true], .field__error, [role=alert]");
}
