import { createTenant, getTenant, pageTenants, updateTenant } from "../../../lib/tenancy/tenants/tenants.ts";
import {
  newTenantSchema,
  tenantDetailSchema,
  tenantPatchSchema,
  tenantSchema,
} from "../../../lib/tenancy/tenants/schema.ts";
import type { AppEnv } from "../../env.ts";
import { pageSchema } from "../../../lib/platform/page.ts";
import { answers, COMMON, idParams, OpenAPIHono, pageOf, problems, route, takes } from "../openapi.ts";

const tag = "tenants";
const tenant = tenantSchema.meta({ id: "Tenant" });
const tenantDetail = tenantDetailSchema.meta({ id: "TenantDetail" });

const page = pageOf(tenant, "TenantPage");

/** Tenants of the installation, for superusers. */
export const tenants = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "tenants.read",
      tenant: "own",
      tag,
      summary: "List tenants, newest first",
      request: { query: pageSchema },
      responses: { 200: answers(page, "One page"), ...problems(401, 403, 422) },
    }),
    async (c) => c.json(await pageTenants(c.var.ctx, c.req.valid("query")), 200),
  )
  .openapi(
    route("post", "/", {
      who: "tenants.change",
      audit: ["tenant.create"],
      tenant: "own",
      tag,
      summary: "Make a tenant",
      request: takes(newTenantSchema),
      responses: { 201: answers(tenant, "The tenant"), ...problems(...COMMON, 409) },
    }),
    async (c) => c.json(await createTenant(c.var.ctx, c.req.valid("json")), 201),
  )
  .openapi(
    route("get", "/{id}", {
      who: "tenants.read",
      tenant: "own",
      tag,
      summary: "Read a tenant and what it has",
      request: { params: idParams },
      responses: { 200: answers(tenantDetail, "The tenant"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => c.json(await getTenant(c.var.ctx, c.req.valid("param").id), 200),
  )
  .openapi(
    route("patch", "/{id}", {
      who: "tenants.change",
      audit: ["tenant.update"],
      tenant: "own",
      tag,
      summary: "Change a tenant; in a read-only one people look, of a suspended one they are signed out",
      request: { params: idParams, ...takes(tenantPatchSchema) },
      responses: { 200: answers(tenant, "The tenant"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => c.json(await updateTenant(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200),
  );
