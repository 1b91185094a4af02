// Which types of file a tenant accepts: its setting `asset_types`.
import { type Ctx, transaction } from "../../access/context.ts";
import type { AssetType } from "../../media/schema.ts";
import * as queries from "./queries.ts";
import { acceptedTypes, tenantError } from "./schema.ts";

/** Throws `unsupported` for a type that the actor's tenant does not accept. */
export async function requireAcceptedType(ctx: Ctx, type: AssetType): Promise<void> {
  const [tenant] = await transaction(ctx, (sql) => queries.findSettings(sql, ctx.actor.tenantId));
  const accepted = acceptedTypes(tenant!.settings);
  if (accepted.includes(type)) return;
  throw tenantError("type_refused", { types: accepted.join(", "), type });
}
