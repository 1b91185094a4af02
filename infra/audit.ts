// `deno task audit verify [tenant:seq:hash …]`: verifies the hash chain of every tenant's audit entries and prints its
// head. Heads saved in the object store, and those given as arguments, must be part of the chain: that detects a
// truncated one.
import { type Head, readNotedHeads } from "../lib/audit/heads.ts";
import { verifyAudit } from "../lib/audit/verify.ts";
import { ConfigError, loadConfig } from "../lib/platform/config.ts";
import { openDatabase } from "../lib/platform/db/database.ts";
import { errorMessage } from "../lib/platform/errors.ts";
import { openStorage } from "../lib/platform/open.ts";

const [command, ...given] = Deno.args;
if (command !== "verify") {
  console.error("Usage: deno task audit verify [tenant:seq:hash …]");
  Deno.exit(2);
}
try {
  const config = loadConfig();
  const [db, storage] = [await openDatabase(config), await openStorage(config)];
  const saved = await Array.fromAsync(readNotedHeads(storage));
  const { heads, problems } = await verifyAudit(db, [...saved, ...given.map(readHead)]);
  await Promise.all([db.close(), storage.close()]);
  for (const { tenant, seq, hash } of heads) console.log(`${tenant}:${seq}:${hash}`);
  for (const problem of problems) console.error(problem);
  Deno.exit(problems.length === 0 ? 0 : 1);
} catch (error) {
  console.error(
    (error instanceof ConfigError ? "Invalid configuration:\n" : "") + errorMessage(error),
  );
  Deno.exit(1);
}

function readHead(text: string): Head {
  const [, tenant, seq, hash] = /^([a-z0-9_-]+):(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (!hash) throw new Error(`${text}: expected tenant:seq:hash as an earlier run printed it`);
  return { tenant: tenant!, seq: Number(seq), hash };
}
