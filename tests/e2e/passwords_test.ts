import assert from "node:assert/strict";
import { axeFindings, openSite, PHONE } from "../support/browser.ts";
import { openMailbox, tokenIn } from "../support/mailbox.ts";

Deno.test("a forgotten password is chosen anew in a browser without scripts", async () => {
  const mailbox = await openMailbox();
  const settings = { SMTP_URL: mailbox.url, MAIL_FROM: "akashi@example.org" };
  const site = await openSite({ worker: false, settings });
  const person = await site.addPerson({ role: "editor" });
  const { page } = await site.stranger({ scripts: false, ...PHONE });
  await page.goto("/sign-in");
  await page.click("a[href='/forgot']");
  await page.fill("#field-email", "nothing");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#field-email[aria-invalid=true]");
  await page.fill("#field-email", person.email);
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:text('Look into your mailbox')");
  const token = tokenIn((await mailbox.next(person.email)).text, "reset");

  const { page: desk, problems } = await site.stranger();
  await desk.goto(`/reset?token=${token}`);
  assert.deepEqual(await axeFindings(desk), []);
  await desk.fill("#field-new_password", "password123");
  await desk.keyboard.press("Enter");
  await desk.waitForSelector("#field-new_password[aria-invalid=true]");
  await desk.fill("#field-new_password", "three blue herons");
  await desk.keyboard.press("Enter");
  await desk.waitForURL("**/reset?done=1");
  await desk.click("a[href='/sign-in']");
  await desk.fill("#field-email", person.email);
  await desk.fill("#field-password", "three blue herons");
  await desk.keyboard.press("Enter");
  await desk.waitForSelector('#page[data-page="library"]');
  assert.equal((await desk.goto(`/reset?token=${token}`))!.status(), 404);
  // What a form refuses and a spent link the browser's console calls failed loads.
  assert.deepEqual(problems.filter((problem) => !/status of (422|404)/.test(problem)), []);
  await site.close();
  await mailbox.close();
});
