import { quotaSchema } from "../../../lib/tenancy/quotas/schema.ts";
import { usageSchema } from "../../../lib/tenancy/usage/schema.ts";
import { getUsage } from "../../../lib/tenancy/usage/usage.ts";
import type { AppEnv } from "../../env.ts";
import { answers, OpenAPIHono, problems, route, z } from "../openapi.ts";

const tenantUsage = z.object({ usage: usageSchema, quota: quotaSchema }).meta({ id: "TenantUsage" });

/** Usage and quota of the own tenant, for its administrators. */
export const usage = new OpenAPIHono<AppEnv>().openapi(
  route("get", "/", {
    who: "usage.read",
    tag: "tenants",
    summary: "Read usage and quota of the own tenant",
    responses: { 200: answers(tenantUsage, "Usage and quota; null is unlimited"), ...problems(401, 403) },
  }),
  async (c) => c.json(await getUsage(c.var.ctx), 200),
);
