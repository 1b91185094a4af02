// `deno task audit verify [tenant:seq:hash …]`: proves every tenant's chain of audit entries and prints its head. Heads
// that were noted earlier are looked for, which shows whether the end of a chain was cut off.
import { type Head, verifyAudit } from "../lib/audit/verify.ts";
import { ConfigError, loadConfig } from "../lib/platform/config.ts";
import { openDatabase } from "../lib/platform/db.ts";
import { errorMessage } from "../lib/platform/errors.ts";

const [command, ...noted] = Deno.args;
if (command !== "verify") {
  console.error("Usage: deno task audit verify [tenant:seq:hash …]");
  Deno.exit(2);
}
try {
  const db = await openDatabase(loadConfig());
  const { heads, problems } = await verifyAudit(db, noted.map(readHead));
  await db.close();
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
