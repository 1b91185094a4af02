import assert from "node:assert/strict";
import { loadConfig } from "../../lib/platform/config.ts";
import { copyTemplate, embeddedTemplate } from "../support/database_template.ts";
import { startProcess } from "../support/processes.ts";
import { until } from "../support/until.ts";

const DEV = new URL("../../infra/dev.ts", import.meta.url);

Deno.test("the development server starts everything and ends on Ctrl+C, also when the task runner forwards it", async () => {
  const folder = await Deno.makeTempDir();
  const child = startProcess(DEV, loadConfig({ AKASHI_DATA_DIR: folder, PORT: "0" }));
  try {
    await until("it is ready", () => /ready in .*http:/.test(child.output()), 60_000);
    const [url] = /http:\S+/.exec(child.output())!;
    // Its worker is counted after its first heartbeat.
    await until("it is well", async () => {
      return (await (await fetch(`${url}/api/v1/health`)).json()).status === "ok";
    });
    assert.match(child.output(), /first administrator: admin@akashi\.local {2}password: \S+/);
    child.kill("SIGINT");
    await until("it heard", () => child.output().includes("akashi  stopping"));
    try {
      child.kill("SIGTERM");
    } catch { /* It was quicker. */ }
    assert.equal(await child.ended, 0, child.output());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the development server restarts on every change and ends when told to", async () => {
  const folder = await Deno.makeTempDir();
  const watched = `${folder}/watched`;
  await Deno.writeTextFile(watched, "");
  await Deno.mkdir(`${folder}/data`);
  const removeDatabase = await copyTemplate(await embeddedTemplate(), `${folder}/data/db`);
  const config = loadConfig({ AKASHI_DATA_DIR: `${folder}/data`, PORT: "0" });
  const child = startProcess(DEV, config, [], {}, [`--watch=${watched}`]);
  try {
    for (let changes = 0; changes < 3; changes++) {
      await until("it is ready", () => child.output().split("ready in").length - 1 > changes, 60_000);
      await Deno.writeTextFile(watched, String(changes));
    }
    await until("it is ready again", () => child.output().split("ready in").length - 1 > 3, 60_000);
    child.kill("SIGTERM");
    assert.equal(await child.ended, "SIGKILL", child.output());
  } finally {
    await removeDatabase();
    await Deno.remove(folder, { recursive: true });
  }
});
