// Live events of assets.
import { z } from "zod";
import { uuidSchema } from "../../platform/ids.ts";
import { defineLiveEvent, type EventOf } from "../../work/live/schema.ts";
import { ASSET_STATUSES } from "./schema.ts";

/** An asset was created, changed or removed. Sent to those who may see it. */
export const assetEvent = defineLiveEvent({
  topic: "asset",
  schema: z.object({
    id: uuidSchema,
    change: z.enum(["created", "updated", "removed"]),
    status: z.enum(ASSET_STATUSES),
  }),
  assetOf: ({ id }) => id,
});
export type AssetEvent = EventOf<typeof assetEvent>;
