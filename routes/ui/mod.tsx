// The pages. Each route parses, calls one verb and renders; what is thrown becomes a page in render.tsx.
import { Hono } from "hono";
import { compress } from "hono/compress";
import { createMiddleware } from "hono/factory";
import { AppError } from "../../lib/platform/errors.ts";
import type { AppEnv } from "../env.ts";
import { limitForm } from "../middleware/limits.ts";
import { addAdmin } from "./identity/people.tsx";
import { addAssetAccess } from "./library/asset_access.tsx";
import { addAssets } from "./library/assets.tsx";
import { addJobs } from "./work/jobs.tsx";
import { addJoin } from "./identity/join.tsx";
import { addLibrary } from "./library/library.tsx";
import { addPasswords } from "./identity/passwords.tsx";
import { answerErrorPage } from "./kit/render.tsx";
import { addSecondStep } from "./identity/second_step.tsx";
import { addSecurity } from "./identity/security.tsx";
import { addSessions } from "./identity/sessions.tsx";
import { addProviderSignIn } from "./identity/provider_sign_in.tsx";
import { addSettings } from "./identity/settings.tsx";
import { addAccess } from "./identity/sessions_and_keys.tsx";

/** Makes the pages, mounted at `/`, after the session is known. Strangers get no further than signing in. */
export function createUi(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError(answerErrorPage);
  app.use(limitForm());
  app.use(compress({ encoding: "gzip" }));
  addSessions(app);
  addSecondStep(app);
  addProviderSignIn(app);
  addJoin(app);
  addPasswords(app);
  app.use(known());
  addLibrary(app);
  addAssets(app);
  addAssetAccess(app);
  addJobs(app);
  addSettings(app);
  addAccess(app);
  addSecurity(app);
  addAdmin(app);
  app.all("*", () => {
    throw new AppError("not_found", "There is no such page.");
  });
  return app;
}

function known() {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (!c.var.ctx) throw new AppError("unauthenticated", "Sign in first.");
    await next();
  });
}
