// The embedded parts hold password hashes and sessions: other accounts of the machine must not reach them.
import assert from "node:assert/strict";
import { loadConfig } from "../../../lib/platform/config.ts";
import { createLog } from "../../../lib/platform/observe/log.ts";
import { openPlatform } from "../../../lib/platform/open.ts";
import { startEmbeddedDatabase } from "../../../lib/platform/db/embedded.ts";
import { migrate } from "../../../lib/platform/db/migrations.ts";

Deno.test("openPlatform() keeps the embedded parts from other accounts of the machine", async () => {
  const folder = await Deno.makeTempDir({ prefix: "akashi-open-" });
  // As an earlier version left it.
  await Deno.chmod(folder, 0o755);
  const log = createLog("error", {}, () => {});
  const platform = await openPlatform(loadConfig({ APP_ENV: "test", AKASHI_DATA_DIR: folder }), log);
  try {
    await migrate(platform.db, log);
    await platform.storage.prepare();
    await platform.storage.put({ bucket: "originals", key: "a/b" }, new Uint8Array([1]), {
      contentType: "text/plain",
    });
    assert.equal((await Deno.stat(folder)).mode! & 0o777, 0o700);
    const inside = await Array.fromAsync(Deno.readDir(folder));
    assert.ok(inside.length >= 3, "database, its lock and socket, objects");
    for (const { name } of inside) {
      const { mode } = await Deno.stat(`${folder}/${name}`);
      assert.equal(mode! & 0o077, 0, `${name} is closed also when the folder above it is opened`);
    }
    const socket = await Deno.stat(`${folder}/db.socket/.s.PGSQL.5432`);
    assert.ok(socket.isSocket, "the database listens on a Unix socket in a private folder");
  } finally {
    await platform.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("startEmbeddedDatabase() starts in a folder whose path is too long for a socket, counted in bytes", async () => {
  const parent = await Deno.realPath(await Deno.makeTempDir({ prefix: "akashi-long-" }));
  const letters = 108 - `${parent}/.socket/.s.PGSQL.5432`.length;
  // Both would make a socket path of 108 bytes; the second one has fewer letters.
  for (const name of ["n".repeat(letters), "é".repeat(Math.floor(letters / 2)) + "n".repeat(letters % 2)]) {
    const database = await startEmbeddedDatabase(`${parent}/${name}`);
    assert.ok(database.socket.startsWith("/"), name);
    await database.close();
  }
  await Deno.remove(parent, { recursive: true });
});
