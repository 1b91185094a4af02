// The pages. Each route parses, calls one verb and renders; a thrown error becomes a page in kit/render.tsx.
import { Hono } from "hono";
import { compress } from "hono/compress";
import { requestError } from "../reasons.ts";
import { routesOf } from "../declare.ts";
import type { AppEnv } from "../env.ts";
import { addAudit } from "./audit/audit.tsx";
import { addConfirmEmail } from "./identity/confirm_email.tsx";
import { addGroups } from "./identity/groups.tsx";
import { addJoin } from "./identity/join.tsx";
import { addPasswords } from "./identity/passwords.tsx";
import { addPeople } from "./identity/people.tsx";
import { addProviderSignIn } from "./identity/provider_sign_in.tsx";
import { addProviders } from "./identity/providers.tsx";
import { addSecondStep } from "./identity/second_step.tsx";
import { addSecurity } from "./identity/security.tsx";
import { addSessions } from "./identity/sessions.tsx";
import { addSessionsAndKeys } from "./identity/sessions_and_keys.tsx";
import { addSettings } from "./identity/settings.tsx";
import { answerErrorPage } from "./kit/render.tsx";
import { addAssetAccess } from "./library/asset_access.tsx";
import { addAssets } from "./library/assets.tsx";
import { addLibrary } from "./library/library.tsx";
import { addTenants } from "./tenancy/tenants.tsx";
import { addUsage } from "./tenancy/usage.tsx";
import { addJobs } from "./work/jobs.tsx";

/** Makes the pages, mounted at `/`. */
export function createUi(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError(answerErrorPage);
  app.use(compress({ encoding: "gzip" }));
  const pages = routesOf(app, "page");
  addSessions(pages);
  addSecondStep(pages);
  addProviderSignIn(pages);
  addJoin(pages);
  addPasswords(pages);
  addConfirmEmail(pages);
  addLibrary(pages);
  addAssets(pages);
  addAssetAccess(pages);
  addJobs(pages);
  addSettings(pages);
  addSessionsAndKeys(pages);
  addSecurity(pages);
  addPeople(pages);
  addGroups(pages);
  addProviders(pages);
  addUsage(pages);
  addTenants(pages);
  addAudit(pages);
  pages.rest({ who: "signed_in" }, () => {
    throw requestError("page_not_found");
  });
  return app;
}
