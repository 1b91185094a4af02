// `deno task audit verify [tenant:seq:hash …]`: proves every tenant's chain of audit entries and prints its head. Heads
// that workers noted in the object store, and those named here, are looked for: that shows a chain whose end was cut off.
import { type Head, readNotedHeads } from "../lib/audit/heads.ts";
import { verifyAudit } from "../lib/audit/verify.ts";
import { ConfigError, loadConfig } from "../lib/platform/config.ts";
import { openDatabase } from "../lib/platform/db/database.ts";
import { errorMessage } from "../lib/platform/errors.ts";
import { openStorage } from "../lib/platform/open.ts";

const [command, ...noted] = Deno.args;
if (command !== "verify") {
  console.error("Usage: deno task audit verify [tenant:seq:hash …]");
  Deno.exit(2);
}
try {
  const config = loadConfig();
  const [db, storage] = [await openDatabase(config), await openStorage(config)];
  const kept = await Array.fromAsync(readNotedHeads(storage));
  const { heads, problems } = await verifyAudit(db, [...kept, ...noted.map(readHead)]);
  await Promise.all([db.close(), storage.close()]);
  for (const { tenant, seq, hash } of heads) console.log(`${tenant}:${seq}:${hash}`);
  for (const problem of problems) console.error(problem);
  Deno.exit(problems.length === 0 ? 0 : 1);
} catch (error) {
  console.error(
    (error instanceof ConfigError ? "The configuration does not fit:\n" : "") + errorMessage(error),
  );
  Deno.exit(1);
}

function readHead(text: string): Head {
  const [, tenant, seq, hash] = /^([a-z0-9_-]+):(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (!hash) throw new Error(`${text}: expected tenant:seq:hash as an earlier run printed it`);
  return { tenant: tenant!, seq: Number(seq), hash };
}
