import { defineReasons } from "../platform/errors.ts";

/** Why the actor may not do something, whatever the noun. */
export const accessError = defineReasons("access", {
  sign_in_required: { code: "unauthenticated", detail: "Sign in first." },
  role_required: { code: "forbidden", detail: "This needs the role {role} or higher; yours is {own}." },
  superuser_required: { code: "forbidden", detail: "This is for superusers." },
  rights_lowered: {
    code: "forbidden",
    detail: "Your rights were taken away while this request ran. Nothing was changed.",
  },
  tenant_read_only: {
    code: "forbidden",
    detail: "Your tenant is read-only: what it has may be seen and taken along, not changed.",
  },
  not_for_api_keys: { code: "forbidden", detail: "An API key may not do this. Sign in instead." },
});
