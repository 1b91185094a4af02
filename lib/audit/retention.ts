// Old entries leave the audit when the installation says so, and the chain tells that they did.
import { makeActor } from "../access/context.ts";
import type { Platform } from "../platform/platform.ts";
import { record } from "./audit.ts";
import * as queries from "./queries.ts";

const DAY_MS = 24 * 3600 * 1000;
/** So many entries of one tenant at a time; the next turn takes the next ones. */
const BATCH = 10_000;

/**
 * Removes entries older than AUDIT_RETENTION_DAYS, the oldest of each chain first and never its head, and records the
 * last one removed as `audit.prune`: from there the chain is proven. Answers how many went; keeps all without a setting.
 */
export async function pruneAudit({ db, config, clock }: Platform): Promise<number> {
  if (config.AUDIT_RETENTION_DAYS === undefined) return 0;
  const olderThan = new Date(clock.now() - config.AUDIT_RETENTION_DAYS * DAY_MS).toISOString();
  let pruned = 0;
  for (const { id, code } of await db.asSystem((sql) => queries.listChains(sql))) {
    pruned += await db.asSystem(async (sql) => {
      await queries.lockChain(sql, id);
      const [gone] = await queries.pruneEntries(sql, id, olderThan, BATCH);
      if (!gone) return 0;
      const { seq, hash, entries } = gone;
      await record(sql, { actor: makeActor({ tenantId: id, tenantCode: code }) }, {
        action: "audit.prune",
        target: { id, name: code },
        after: { seq, hash, entries },
      });
      return entries;
    });
  }
  return pruned;
}
