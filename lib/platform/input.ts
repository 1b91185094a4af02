import { defineReasons, type FieldError } from "./errors.ts";

/** Why input is refused that no rule of a noun was asked about yet. */
export const inputError = defineReasons("input", {
  invalid_fields: { code: "invalid", detail: "{problems}" },
  invalid_cursor: {
    code: "invalid",
    detail: "This cursor is not one that a list answered. Start again without it.",
    field: "cursor",
  },
});

/** All that is wrong, each field by its path; what has no path is about the input as a whole. */
export function listProblems(fields: FieldError[]): string {
  return fields.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");
}
