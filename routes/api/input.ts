import type { z } from "zod";
import { AppError } from "../../lib/platform/errors.ts";

/** Parses what a validator of the router cannot (forms that stream, headers). Throws `invalid` naming each field. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw invalidInput(parsed.error);
  return parsed.data;
}

/** The `invalid` error for a failed parse: every field by its dotted path. */
export function invalidInput(
  error: z.ZodError | { issues: { path: PropertyKey[]; message: string }[] },
): AppError {
  const fields = error.issues.map(({ path, message }) => ({ path: path.map(String).join("."), message }));
  const named = fields.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");
  return new AppError("invalid", named, { fields });
}
