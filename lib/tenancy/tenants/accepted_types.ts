// Which types of file a tenant accepts: its setting `asset_types`.
import { type Ctx, transaction } from "../../access/context.ts";
import type { AssetType } from "../../media/schema.ts";
import { AppError } from "../../platform/errors.ts";
import * as queries from "./queries.ts";
import { takenTypes } from "./schema.ts";

/** Throws `unsupported` for a type that the actor's tenant does not accept. */
export async function requireAcceptedType(ctx: Ctx, type: AssetType): Promise<void> {
  const [tenant] = await transaction(ctx, (sql) => queries.findSettings(sql, ctx.actor.tenantId));
  const taken = takenTypes(tenant!.settings);
  if (taken.includes(type)) return;
  throw new AppError("unsupported", `This tenant takes ${taken.join(", ")}; by its content this is ${type}.`);
}
