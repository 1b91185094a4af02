// What a route declares about itself. Middleware, the OpenAPI document, the table in docs/routes.md and the generated
// tests read these declarations (declare.ts lists them); no list of paths stands anywhere else.
import type { Permission } from "../lib/access/permissions.ts";
import type { AuditAction } from "../lib/audit/schema.ts";

/** `public`: anonymous requests too; `signed_url`: holders of a signed address; else a permission of the actor's role. */
export type Who = "public" | "signed_url" | "signed_in" | Permission;

/** The audit entries of which a request that changes something leaves one at least, or why it leaves none. */
export type Audited = readonly [AuditAction, ...AuditAction[]] | { none: string };

export interface Policy {
  who: Who;
  /** Who else is admitted, and when. Middleware then requires only this; the verb checks the rest. */
  orElse?: { who: "public" | "signed_in"; when: string };
  /** Permissions that a query parameter asks for beyond `who`; held by the verb. */
  variants?: readonly { query: string; who: Permission }[];
  /**
   * How requests a minute are counted. `standard`: by account, key, tenant and address; `page` and `media`: by account
   * or, when anonymous, by address. `media` allows the most: a page shows up to a thousand cards and pictures, and
   * reads all cards again after it was offline.
   */
  rate: "standard" | "page" | "media" | "none";
  /**
   * Needs a sign-in of the last minutes (`requireRecentSignIn`), because it gives lasting access or changes how a person
   * signs in. Held by the verb; `when` says of which requests.
   */
  recent?: "always" | `when ${string}`;
  /** `json` and `form` are limited in size and read whole, `stream` is read while it arrives, `unread` is left alone. */
  body: "json" | "form" | "stream" | "unread";
  /** `request`: REQUEST_TIMEOUT_SECONDS until the head of the answer; `unbounded`: as long as bytes flow. */
  time: "request" | "unbounded";
  /** What answers errors: problem+json, or a page. Browsers that send forms to a page must come from this origin. */
  surface: "api" | "page" | "file" | "system";
  /** Open to an account that must set up a second factor first. */
  beforeEnrolment: boolean;
  /** `own`: a superuser's `tenant_code` is checked, but the request stays in the actor's own tenant. */
  tenant: "named" | "own";
  /** False where no session is looked up: orchestrators ask often, and packed files are the same for everyone. */
  session: boolean;
  /** The log level of the request's line. */
  log: "info" | "debug";
  /** What it leaves in the audit; undefined for a route that only reads. */
  audit?: Audited;
  /** The caller's session or password may end by it: generated tests ask these last. */
  endsSession?: boolean;
}

/** What a declaration may leave out, by surface. */
const DEFAULTS = {
  api: { rate: "standard", body: "json" },
  page: { rate: "page", body: "form" },
  file: { rate: "none", body: "unread" },
  system: { rate: "none", body: "unread" },
} as const satisfies Record<Policy["surface"], Partial<Policy>>;

/** A declaration as it is written: who may is never left out. */
export type Declared = Partial<Omit<Policy, "surface">> & { who: Who };
/** A declaration of a route that changes something: nor is what it leaves in the audit. */
export type DeclaredChange = Declared & { audit: Audited };

const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/** True for a method that only reads (RFC 9110 §9.2.1). */
export function isSafe(method: string): boolean {
  return SAFE_METHODS.includes(method.toUpperCase());
}

/** The policy with all its parts. */
export function policyOf(surface: Policy["surface"], declared: Declared): Policy {
  return {
    surface,
    time: "request",
    beforeEnrolment: false,
    tenant: "named",
    session: true,
    log: "info",
    ...DEFAULTS[surface],
    ...declared,
  };
}

/** True when a role must include it; the others are no permissions. */
export function isPermission(who: Who): who is Permission {
  return who.includes(".");
}
