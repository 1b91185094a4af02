import { defineReasons } from "../../platform/errors.ts";

/** Why an operation on an account fails. */
export const userError = defineReasons("user", {
  not_found: { code: "not_found", detail: "There is no such person." },
  email_taken: { code: "conflict", detail: "{email} is already registered." },
  email_unknown: { code: "not_found", detail: "Nobody has the address {email}." },
  email_ambiguous: { code: "conflict", detail: "{email} is in {tenants}: say which by --tenant." },
  superuser_required: { code: "forbidden", detail: "Superusers are changed by superusers." },
  own_account: {
    code: "conflict",
    detail: "Nobody changes their own role or deactivates themselves. Ask another one.",
  },
  last_administrator: {
    code: "conflict",
    detail: "This is the last administrator. Make somebody else one first.",
  },
});

/** Why an address is not confirmed. */
export const emailChangeError = defineReasons("email_change", {
  link_expired: {
    code: "invalid",
    detail: "This link was used, replaced by a later one, or has run out. Change the address again.",
    field: "token",
  },
});

/** Why a password is refused. */
export const passwordError = defineReasons("password", {
  current_incorrect: {
    code: "invalid",
    detail: "The current password is not right.",
    field: "current_password",
  },
  common: {
    code: "invalid",
    detail: "This password is among those that are guessed first. Choose another one.",
  },
  guessable: {
    code: "invalid",
    detail:
      "This is little more than a name or an address that others know. Choose another password, or add to it.",
  },
});
