import { z } from "zod";
import type { AppError } from "../lib/platform/errors.ts";
import { inputError, listProblems } from "../lib/platform/input.ts";

type Issue = Parameters<NonNullable<z.core.$ZodConfig["customError"]>>[0];

const NAMES: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};
const COUNTED: Record<string, string> = { string: "characters", array: "entries", set: "entries" };

// Messages for schemas without their own: what to send, instead of how the library names it.
z.config({ customError: explain });

function explain(issue: Issue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be ${NAMES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.join(", ")}`;
    case "too_small":
      if (issue.origin in COUNTED && issue.minimum === 1) return "must not be empty";
      return `must ${
        amount(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum)
      }`;
    case "too_big":
      return `must ${
        amount(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum)
      }`;
    case "invalid_format":
      if (issue.format === "email") return "must be an e-mail address, such as name@example.org";
      return issue.format === "uuid" ? "must be a UUID" : undefined;
  }
}

function amount(origin: string, bound: string, limit: number | bigint): string {
  return origin in COUNTED ? `have ${bound} ${limit} ${COUNTED[origin]}` : `be ${bound} ${limit}`;
}

/** Parses what a validator of the router cannot (forms that stream, headers). Throws `invalid` naming each field. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw invalidInput(parsed.error);
  return parsed.data;
}

/**
 * The `invalid` error for a failed parse, every field by its dotted path. For a wrong type, only that is reported: Zod
 * also checks the length, which text has as well as a list.
 */
export function invalidInput(error: z.core.$ZodError): AppError {
  const pathOf = ({ path }: z.core.$ZodIssue) => path.map(String).join(".");
  const isType = ({ code }: z.core.$ZodIssue) => code === "invalid_type";
  const mistyped = new Set(error.issues.filter(isType).map(pathOf));
  const fields = error.issues.filter((issue) => isType(issue) || !mistyped.has(pathOf(issue)))
    .map((issue) => ({ path: pathOf(issue), message: issue.message }));
  return inputError("invalid_fields", { problems: listProblems(fields) }, { fields });
}
