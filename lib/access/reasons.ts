import { defineReasons } from "../platform/errors.ts";

/** Why the actor may not do something, whatever the noun. */
export const accessError = defineReasons("access", {
  signed_out: { code: "unauthenticated", detail: "Sign in first." },
  role_needed: { code: "forbidden", detail: "This needs the role {role} or higher; yours is {own}." },
  superusers_only: { code: "forbidden", detail: "This is for superusers." },
  read_only: {
    code: "forbidden",
    detail: "Your tenant is read-only: what it has may be seen and taken along, not changed.",
  },
  key_refused: { code: "forbidden", detail: "An API key may not do this. Sign in instead." },
});
