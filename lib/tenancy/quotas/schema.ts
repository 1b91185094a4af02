import { z } from "zod";
import { defineReasons } from "../../platform/errors.ts";

const limit = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable();

/** The limits of a tenant; null is unlimited. */
export const quotaSchema = z.object({
  bytes: limit,
  /** Not counting the trash. */
  assets: limit,
  /** Active accounts. */
  users: limit,
  /** Running at the same time. */
  jobs: limit,
});
export type Quota = z.infer<typeof quotaSchema>;

/** Which quota is exhausted. */
export const quotaError = defineReasons("quota", {
  assets: {
    code: "conflict",
    detail: "This tenant may have {most} assets. Delete some first, or ask for more.",
    field: "quota.assets",
  },
  users: {
    code: "conflict",
    detail: "This tenant may have {most} people. Deactivate somebody first, or ask for more.",
    field: "quota.users",
  },
  bytes: {
    code: "too_large",
    // Without the number of bytes left: their change would tell the size of private files.
    detail:
      "This tenant has no room for a file of this size. Delete something for ever first, or ask for more.",
  },
});
