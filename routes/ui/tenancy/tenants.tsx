// Admin › Tenants: the tenants of this installation, for superusers.
import type { Routes } from "../../declare.ts";
import { z } from "zod";
import { createInvitation } from "../../../lib/identity/invitations/invitations.ts";
import { explain } from "../kit/errors.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import {
  ACCEPTED_TYPES,
  duplicateRuleSchema,
  newTenantSchema,
  tenantError,
  tenantPatchSchema,
} from "../../../lib/tenancy/tenants/schema.ts";
import {
  actIn,
  createTenant,
  getTenant,
  listTenants,
  updateTenant,
  updateTenantSettings,
} from "../../../lib/tenancy/tenants/tenants.ts";
import { emailSchema } from "../../../lib/identity/users/schema.ts";
import { defineNotice, flash } from "../kit/flash.tsx";
import { idOf, readForm } from "../kit/form.ts";
import { invitationLink } from "../identity/join.tsx";
import { goTo, renderPage, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { GIGABYTE, type QuotaForm, TenantPage } from "./views/tenant.tsx";
import { type TenantForm, TenantsPage } from "./views/tenants.tsx";

/** So many tenants the page lists. */
const MAX_LISTED = 500;
const count = z.coerce.number().int().min(0).max(1e12).optional();
const quotaFormSchema = tenantPatchSchema.pick({ status: true }).required().extend({
  /** Gigabytes, with a decimal point or comma. */
  bytes: z.string().transform((text) => Number(text.replace(",", "."))).pipe(z.number().min(0).max(9e6))
    .optional(),
  assets: count,
  users: count,
  jobs: count,
  duplicate_rule: duplicateRuleSchema,
});
const formSchema = newTenantSchema.extend({ email: emailSchema });

const SAVED = defineNotice("tenants.saved");
const SUSPENDED = defineNotice("tenants.was_suspended");
const RESUMED = defineNotice("tenants.was_resumed");
const FACTOR_REQUIRED = defineNotice("tenants.factor_required");
const FACTOR_OPTIONAL = defineNotice("tenants.factor_optional");

export function addTenants(pages: Routes): void {
  pages.get("/admin/tenants", { who: "tenants.read" }, (c) => show(c));

  pages.post("/admin/tenants", { who: "tenants.change", audit: ["tenant.create"] }, async (c) => {
    const fields = await readForm(c);
    const parsed = formSchema.safeParse(fields);
    if (!parsed.success) {
      const paths = parsed.error.issues.map((issue) => issue.path[0]);
      return await show(c, { ...fields, errors: errorsOf(c, paths) }, 422);
    }
    const { email, ...input } = parsed.data;
    try {
      const { code } = await createTenant(c.var.ctx, input);
      const invitation = { email, role: "admin" as const, language: uiOf(c).language };
      const { token } = await createInvitation(await actIn(c.var.ctx, code), invitation);
      return await show(c, { email, link: invitationLink(c, token) });
    } catch (error) {
      const code = explain(uiOf(c), error, tenantError, "code_taken");
      return await show(c, { ...fields, errors: { code } }, 409);
    }
  });

  pages.get("/admin/tenants/:id", { who: "tenants.read" }, (c) => showOne(c, idOf(c)));

  pages.post("/admin/tenants/:id", { who: "tenants.change", audit: ["tenant.update"] }, async (c) => {
    const id = idOf(c);
    const fields = await readForm(c);
    const parsed = quotaFormSchema.safeParse(withoutBlanks(fields));
    const types = ACCEPTED_TYPES.filter((type) => fields[`type_${type}`] !== undefined);
    if (!parsed.success || types.length === 0) {
      const wrong = parsed.error?.issues.map((issue) => issue.path[0]!) ?? [];
      if (types.length === 0) wrong.push("types");
      return await showOne(c, id, { ...fields, types, wrong }, 422);
    }
    const { status, duplicate_rule, bytes, assets = null, users = null, jobs = null } = parsed.data;
    const quota = { bytes: bytes === undefined ? null : Math.round(bytes * GIGABYTE), assets, users, jobs };
    const asset_types = types.length < ACCEPTED_TYPES.length ? types : undefined;
    const settings = { asset_types, duplicate_rule };
    const { name } = await updateTenantSettings(c.var.ctx, id, settings, { status, quota });
    flash(c, SAVED, { title: name });
    return goTo(c, `/admin/tenants/${id}`);
  });

  pages.post("/admin/tenants/:id/suspend", { who: "tenants.change", audit: ["tenant.update"] }, async (c) => {
    const { name } = await updateTenant(c.var.ctx, idOf(c), { status: "suspended" });
    flash(c, SUSPENDED, { title: name });
    return goTo(c, "/admin/tenants");
  });

  pages.post("/admin/tenants/:id/resume", { who: "tenants.change", audit: ["tenant.update"] }, async (c) => {
    const { name } = await updateTenant(c.var.ctx, idOf(c), { status: "active" });
    flash(c, RESUMED, { title: name });
    return goTo(c, "/admin/tenants");
  });

  pages.post(
    "/admin/tenants/:id/require-second-factor",
    { who: "tenants.change", audit: ["tenant.update"] },
    async (c) => {
      const { name } = await updateTenantSettings(c.var.ctx, idOf(c), { require_second_factor: true });
      flash(c, FACTOR_REQUIRED, { title: name });
      return goTo(c, "/admin/tenants");
    },
  );

  pages.post(
    "/admin/tenants/:id/free-second-factor",
    { who: "tenants.change", audit: ["tenant.update"] },
    async (c) => {
      const { name } = await updateTenantSettings(c.var.ctx, idOf(c), { require_second_factor: false });
      flash(c, FACTOR_OPTIONAL, { title: name });
      return goTo(c, "/admin/tenants");
    },
  );
}

async function showOne(
  c: UiContext,
  id: string,
  form?: QuotaForm,
  status: 200 | 422 = 200,
): Promise<Response> {
  const tenant = await getTenant(c.var.ctx, id);
  return await renderPage(c, tenant.name, <TenantPage ui={uiOf(c)} tenant={tenant} form={form} />, status);
}

async function show(c: UiContext, form?: TenantForm, status: 200 | 409 | 422 = 200): Promise<Response> {
  const tenants = await listTenants(c.var.ctx, MAX_LISTED);
  const ui = uiOf(c);
  return await renderPage(
    c,
    ui.t("admin.tenants"),
    <TenantsPage ui={ui} tenants={tenants} form={form} />,
    status,
  );
}

function errorsOf(c: UiContext, paths: (PropertyKey | undefined)[]): TenantForm["errors"] {
  const { t } = uiOf(c);
  return {
    code: paths.includes("code") ? t("tenants.code_wrong") : undefined,
    name: paths.includes("name") ? t("tenants.name_needed") : undefined,
    email: paths.includes("email") ? t("people.invite_email_needed") : undefined,
  };
}
