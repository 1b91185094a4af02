import { z } from "zod";

const limit = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable();

/** How much a tenant may have; null is as much as there is. */
export const quotaSchema = z.object({
  bytes: limit,
  /** Without the trash. */
  assets: limit,
  /** Active people. */
  users: limit,
  /** That run at the same time. */
  jobs: limit,
});
export type Quota = z.infer<typeof quotaSchema>;
