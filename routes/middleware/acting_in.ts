import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import { tenantCodeSchema } from "../../lib/tenancy/tenants/schema.ts";
import { actIn } from "../../lib/tenancy/tenants/tenants.ts";
import { recordForeignRead } from "../../lib/audit/foreign_reads.ts";
import { parseInput } from "../input.ts";
import type { AppEnv } from "../env.ts";
import { isSafe, type Policy } from "../policy.ts";

/**
 * Lets a superuser act in the tenant that `tenant_code` names in the query or the JSON body; for all others it must be
 * their own. On routes about the actor's own account the code is checked and the request stays in the own tenant. What
 * is read in another tenant is recorded in its audit; changes are recorded there by their verbs.
 */
export function actingIn({ who, orElse, body, tenant }: Policy) {
  // An anonymous request acts in no tenant: `tenant_code` in its body says whose account it means.
  const readsBody = body === "json" && (orElse?.who ?? who) !== "public";
  return createMiddleware<AppEnv>(async function actingIn(c, next) {
    const codes = c.var.ctx ? [c.req.query("tenant_code"), readsBody ? await codeInBody(c) : undefined] : [];
    for (const code of codes) {
      if (!code) continue;
      const { tenant_code } = parseInput(z.object({ tenant_code: tenantCodeSchema }), { tenant_code: code });
      const acting = await actIn(c.var.ctx, tenant_code);
      if (tenant !== "named" || acting === c.var.ctx) continue;
      c.set("ctx", acting);
      if (isSafe(c.req.method)) await recordForeignRead(acting, acting.actor.tenantId, c.req.path);
    }
    await next();
  });
}

/** The `tenant_code` of a JSON body. Malformed JSON is left to the route to refuse. */
async function codeInBody(c: Context<AppEnv>): Promise<string | undefined> {
  if (!c.req.raw.body) return undefined;
  try {
    const code = JSON.parse(await c.req.text())?.tenant_code;
    return typeof code === "string" ? code : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
