// What a page that stays open shows of work that others do.
import assert from "node:assert/strict";
import { failWork, ingestPicture } from "../support/assets.ts";
import { openSite, type Site } from "../support/browser.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

let site: Site;
Deno.test.beforeAll(async () => {
  site = await openSite({ worker: false });
});
Deno.test.afterAll(() => site.close());

for (const path of ["/", "/jobs", "/settings"]) {
  Deno.test(
    `the jobs in the top bar of ${path} follow what happens, and the page stays where it is`,
    OPTIONS,
    async () => {
      const { page, person, problems } = await site.visit({
        tenant: `live-${crypto.randomUUID()}`,
        height: 300,
      });
      const listening = page.waitForResponse("**/events");
      await page.goto(path);
      await listening;
      const entries = await page.evaluate(() => history.length);
      const asset = await ingestPicture(site, person);
      await page.waitForSelector("#activity .state--busy");
      assert.match(await page.textContent("#activity") ?? "", /3 running/);
      await failWork(site, person, asset, "internal");
      const client = await site.client(person);
      const open = await client.json("GET", `/api/v1/jobs?asset_id=${asset}&status=pending`);
      await client.json("POST", `/api/v1/jobs/${open[0]!.id}/cancel`);
      await page.waitForSelector("#activity .state--bad");
      assert.match(await page.textContent("#activity") ?? "", /1 running.*1 failed/);
      assert.equal(await page.evaluate(() => history.length), entries);
      assert.deepEqual(problems, []);
    },
  );
}
