// Sign-in at an identity provider (OpenID Connect): the redirect there and the callback.
import type { Routes } from "../../declare.ts";
import { uuidSchema } from "../../../lib/platform/ids.ts";
import {
  beginProviderSignIn,
  finishProviderSignIn,
  type ProviderRefused,
} from "../../../lib/identity/sign_ins/by_provider.ts";
import { originOf, ownOrigin, setNoteCookie, takeNoteCookie } from "../../middleware/session.ts";
import { safePath } from "../kit/form.ts";
import type { UiContext } from "../kit/ui.ts";
import { uiOf } from "../kit/render.tsx";
import { letIn, showSignIn } from "./sessions.tsx";

/** The longest `next` that fits into the cookie with the sealed state. */
const LONGEST_PATH = 1_000;

export function addProviderSignIn(pages: Routes): void {
  pages.get(
    "/sign-in/with/:provider",
    { who: "public", beforeEnrolment: true, rate: "standard" },
    async (c) => {
      const id = uuidSchema.safeParse(c.req.param("provider"));
      const path = safePath(c.req.query("next"));
      const next = path.length > LONGEST_PATH ? "/" : path;
      // Login CSRF: a link on another site must not start a sign-in, so it leads to the sign-in page.
      if (isFromElsewhere(c)) return c.redirect(`/sign-in?again=1&next=${encodeURIComponent(next)}`, 303);
      if (!id.success) return await refuse(c, { refusal: "unknown", next });
      const asked = { redirectUri: redirectUriOf(c, id.data), next, again: c.var.ctx !== undefined };
      const begun = await beginProviderSignIn(c.var.platform, id.data, asked);
      if ("refusal" in begun) return await refuse(c, { ...begun, next });
      setNoteCookie(c, begun.note);
      c.header("Cache-Control", "no-store");
      return c.redirect(begun.url, 303);
    },
  );

  pages.get(
    "/sign-in/back/:provider",
    { who: "public", beforeEnrolment: true, rate: "standard" },
    async (c) => {
      const note = takeNoteCookie(c);
      const id = uuidSchema.safeParse(c.req.param("provider"));
      if (!id.success) return await refuse(c, { refusal: "unknown" });
      const back = { redirectUri: redirectUriOf(c, id.data), callback: new URL(c.req.url), note };
      const finished = await finishProviderSignIn(c.var.platform, id.data, back, originOf(c));
      if ("refusal" in finished) return await refuse(c, finished);
      return await letIn(c, finished.entry, finished.next);
    },
  );
}

function isFromElsewhere(c: UiContext): boolean {
  const site = c.req.header("Sec-Fetch-Site");
  return site !== undefined && site !== "same-origin" && site !== "none";
}

/** The redirect URI to register at a provider. Each provider has its own, against mix-up attacks (RFC 9700). */
export function redirectUriOf(c: UiContext, id: string): string {
  return `${ownOrigin(c)}/sign-in/back/${id}`;
}

async function refuse(
  c: UiContext,
  { refusal, provider = "", next = "/" }: ProviderRefused,
): Promise<Response> {
  const problem = uiOf(c).t(`sign_in.refused_${refusal}`, { provider });
  return await showSignIn(c, { next, problem }, statusOf(refusal));
}

function statusOf(refusal: ProviderRefused["refusal"]): 403 | 404 | 503 {
  if (refusal === "unknown") return 404;
  return refusal === "away" ? 503 : 403;
}
