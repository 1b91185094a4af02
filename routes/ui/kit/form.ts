// What an address and a form say, as plain text fields.
import type { z } from "zod";
import { AppError } from "../../../lib/platform/errors.ts";
import type { UiContext } from "./ui.ts";

/** The fields of a URL-encoded form. Throws `unsupported` for any other kind of body. */
export async function readForm(c: UiContext): Promise<Record<string, string>> {
  const type = c.req.header("Content-Type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) {
    throw new AppError("unsupported", "A form is expected here.");
  }
  const text = await c.req.text();
  // Browsers send line ends of forms as CR LF; what we keep has LF.
  return Object.fromEntries(
    [...new URLSearchParams(text)].map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]),
  );
}

/** What `schema` makes of `input`. Throws `invalid`, which becomes a page that says so. */
export function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new AppError("invalid", "This address does not fit.", { cause: parsed.error });
  return parsed.data;
}

/** A field that an island filled with JSON; undefined when it is none. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

/** Where to go after signing in: a path of ours, never another site. */
export function safePath(next: string | undefined): string {
  const here = "http://here";
  if (!next || !URL.canParse(next, here)) return "/";
  const { origin, pathname, search, hash } = new URL(next, here);
  return origin === here && !pathname.startsWith("//") ? pathname + search + hash : "/";
}
