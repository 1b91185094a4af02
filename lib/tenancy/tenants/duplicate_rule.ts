// What a tenant does with bytes that it has already: its setting `duplicate_rule`.
import type { Sql } from "../../platform/db/database.ts";
import * as queries from "./queries.ts";
import { type DuplicateRule, duplicateRuleOf } from "./schema.ts";

/** The rule of a tenant, `keep` when it has none. */
export async function readDuplicateRule(sql: Sql, tenantId: string): Promise<DuplicateRule> {
  const [tenant] = await queries.findSettings(sql, tenantId);
  return duplicateRuleOf(tenant!.settings);
}
