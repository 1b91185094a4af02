// The pages. Each route parses, calls one verb and renders; what is thrown becomes a page in render.tsx.
import { Hono } from "hono";
import { compress } from "hono/compress";
import { createMiddleware } from "hono/factory";
import { AppError } from "../../lib/platform/errors.ts";
import type { AppEnv } from "../env.ts";
import { limitForm } from "../middleware/limits.ts";
import { addAdmin } from "./admin.tsx";
import { addAssetAccess } from "./asset_access.tsx";
import { addAssets } from "./assets.tsx";
import { addJobs } from "./jobs.tsx";
import { addJoin } from "./join.tsx";
import { addLibrary } from "./library.tsx";
import { addPasswords } from "./passwords.tsx";
import { answerErrorPage } from "./render.tsx";
import { addSecondStep } from "./second_step.tsx";
import { addSecurity } from "./security.tsx";
import { addSessions } from "./sessions.tsx";
import { addProviderSignIn } from "./provider_sign_in.tsx";
import { addSettings } from "./settings.tsx";
import { addAccess } from "./access.tsx";

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
