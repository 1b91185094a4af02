// Admin › Single sign-on: the identity providers (OpenID Connect) of the tenant.
import type { Routes } from "../../declare.ts";
import { hasReason } from "../../../lib/platform/errors.ts";
import { explain, findErrorText } from "../kit/errors.ts";
import { isRecentSignIn } from "../../../lib/identity/sessions/own_sessions.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import {
  createProvider,
  deleteProvider,
  getProvider,
  listProviders,
  updateProvider,
} from "../../../lib/identity/providers/providers.ts";
import {
  newProviderSchema,
  providerError,
  providerPatchSchema,
} from "../../../lib/identity/providers/schema.ts";
import { defineNotice, flash } from "../kit/flash.tsx";
import { idOf, readForm } from "../kit/form.ts";
import { redirectUriOf } from "./provider_sign_in.tsx";
import { goTo, renderPage, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { ProviderPage } from "./views/provider.tsx";
import { type ProviderForm, ProvidersPage } from "./views/providers.tsx";

const PATH = "/admin/providers";
const newFormSchema = newProviderSchema.pick({
  name: true,
  issuer: true,
  client_id: true,
  client_secret: true,
});

const SAVED = defineNotice("providers.saved");
const DELETED = defineNotice("providers.deleted");

export function addProviders(pages: Routes): void {
  pages.get(PATH, { who: "providers.read" }, (c) => showAll(c));

  pages.post(PATH, { who: "providers.change", audit: ["provider.create"], recent: "always" }, async (c) => {
    const fields = await readForm(c);
    const parsed = newFormSchema.safeParse(withoutBlanks(fields));
    if (!parsed.success) return await showAll(c, { fields, wrong: namesOf(parsed.error.issues) }, 422);
    try {
      const { id } = await createProvider(c.var.ctx, newProviderSchema.parse(parsed.data));
      return goTo(c, `${PATH}/${id}`);
    } catch (error) {
      const problems = issuerProblems(c, error);
      if (problems) return await showAll(c, { fields, ...problems }, 422);
      const problem = explain(uiOf(c), error, providerError, "too_many");
      return await showAll(c, { fields, wrong: [], problem }, 409);
    }
  });

  pages.get(`${PATH}/:id`, { who: "providers.read" }, (c) => showOne(c));

  pages.post(
    `${PATH}/:id`,
    { who: "providers.change", audit: ["provider.update"], recent: "always" },
    async (c) => {
      const fields = await readForm(c);
      const parsed = providerPatchSchema.safeParse(patchOf(fields));
      if (!parsed.success) return await showOne(c, { fields, wrong: namesOf(parsed.error.issues) }, 422);
      try {
        const { id, name } = await updateProvider(c.var.ctx, idOf(c), parsed.data);
        flash(c, SAVED, { title: name });
        return goTo(c, `${PATH}/${id}`);
      } catch (error) {
        const isSecret = hasReason(error, providerError, "secret_required");
        const problems = isSecret ? { wrong: ["client_secret"] } : issuerProblems(c, error);
        if (!problems) throw error;
        return await showOne(c, { fields, ...problems }, 422);
      }
    },
  );

  pages.post(`${PATH}/:id/delete`, { who: "providers.change", audit: ["provider.delete"] }, async (c) => {
    const { name } = await deleteProvider(c.var.ctx, idOf(c));
    flash(c, DELETED, { title: name });
    return goTo(c, PATH);
  });
}

/** What is wrong with the issuer, in words where it answered; undefined for any other error. */
function issuerProblems(c: UiContext, error: unknown): { wrong: string[]; issuer?: string } | undefined {
  const issuer = findErrorText(uiOf(c), error, providerError, "issuer_differs", "issuer_unsound");
  return issuer || hasReason(error, providerError, "issuer_insecure")
    ? { wrong: ["issuer"], issuer }
    : undefined;
}

/** The patch that the form asks for: a missing checkbox is false, an empty secret stays as it is. */
function patchOf(fields: Record<string, string>) {
  const { name, issuer, client_id, client_secret, scopes, email_domains, group_claim, default_role } = fields;
  const isTicked = (box: string) => fields[box] !== undefined;
  const groups = Object.keys(fields).filter((each) => /^group_\d+$/.test(each) && fields[each]!.trim());
  const roles = groups.map((each) => [fields[each]!.trim(), fields[each.replace("group", "role")]]);
  return {
    name,
    issuer,
    client_id,
    default_role,
    group_claim: group_claim?.trim() || null,
    scopes: wordsOf(scopes),
    email_domains: wordsOf(email_domains),
    group_roles: Object.fromEntries(roles),
    creates_users: isTicked("creates_users"),
    links_users: isTicked("links_users"),
    trusts_emails: isTicked("trusts_emails"),
    is_strong: isTicked("is_strong"),
    is_enabled: isTicked("is_enabled"),
    ...(isTicked("no_secret") ? { client_secret: null } : client_secret && { client_secret }),
  };
}

function wordsOf(text = ""): string[] {
  return text.split(/[\s,;]+/).filter((word) => word !== "");
}

function namesOf(issues: { path: PropertyKey[] }[]): string[] {
  return issues.map(({ path }) => String(path[0]));
}

async function showAll(
  c: UiContext,
  form?: ProviderForm,
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const [providers, mayChange] = await Promise.all([listProviders(c.var.ctx), isRecentSignIn(c.var.ctx)]);
  const ui = uiOf(c);
  const view = <ProvidersPage ui={ui} providers={providers} form={form} mayChange={mayChange} />;
  return await renderPage(c, ui.t("admin.providers"), view, status);
}

async function showOne(c: UiContext, form?: ProviderForm, status: 200 | 422 = 200): Promise<Response> {
  const provider = await getProvider(c.var.ctx, idOf(c));
  const mayChange = await isRecentSignIn(c.var.ctx);
  const redirectUri = redirectUriOf(c, provider.id);
  const props = { ui: uiOf(c), provider, redirectUri, form, mayChange };
  return await renderPage(c, provider.name, <ProviderPage {...props} />, status);
}
