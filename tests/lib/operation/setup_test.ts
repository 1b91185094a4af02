import assert from "node:assert/strict";
import { createLog } from "../../../lib/platform/observe/log.ts";
import { prepareInstallation } from "../../../lib/operation/setup/setup.ts";
import { openTestPlatform } from "../../support/stack.ts";

Deno.test("prepareInstallation() says when the configured administrator is not the one of the first start", async () => {
  const { platform, close } = await openTestPlatform({
    AKASHI_ADMIN_EMAIL: "First@example.org",
    AKASHI_ADMIN_PASSWORD: "three blue herons",
  });
  const start = async (email: string) => {
    const lines: string[] = [];
    const config = { ...platform.config, AKASHI_ADMIN_EMAIL: email };
    const made = await prepareInstallation({
      ...platform,
      config,
      log: createLog("warn", {}, (line) => lines.push(line)),
    });
    return { made, told: lines.filter((line) => line.includes("administrator_ignored")) };
  };
  const first = await start("First@example.org");
  assert.deepEqual([first.made?.email, first.told], ["First@example.org", []]);
  assert.deepEqual(await start("first@example.org"), { made: undefined, told: [] });
  const { made, told } = await start("second@example.org");
  assert.deepEqual([made, told.length], [undefined, 1]);
  const { configured, administrator, hint } = JSON.parse(told[0]!);
  assert.deepEqual([configured, administrator], ["second@example.org", "first@example.org"]);
  assert.match(hint, /first start alone/);
  await close();
});
