// Reading input: form fields, parts of the address, and the path to return to.
import { z } from "zod";
import { requestError } from "../../reasons.ts";
import { requireUtf8 } from "../../utf8.ts";
import { uuidSchema } from "../../../lib/platform/ids.ts";
import type { UiContext } from "./ui.ts";

/** Whether the body is a URL-encoded form. */
export function isForm(c: UiContext): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(c.req.header("Content-Type") ?? "");
}

/** The fields of a URL-encoded form. Throws `unsupported` for any other kind of body, `bad_request` unless it is UTF-8. */
export async function readForm(c: UiContext): Promise<Record<string, string>> {
  if (!isForm(c)) throw requestError("not_a_form");
  const text = await c.req.text();
  requireUtf8(text);
  // Browsers send the line ends of forms as CR LF; stored text has LF.
  return Object.fromEntries(
    [...new URLSearchParams(text)].map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]),
  );
}

/** `input` as `schema` parses it. Throws `invalid`, which becomes an error page. */
export function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw requestError("invalid_address", {}, { cause: parsed.error });
  return parsed.data;
}

/** A check box: true when it is ticked, absent otherwise. */
export const ticked = z.string().optional().transform((value) => value !== undefined);

/** The id in the address. Throws `invalid` when it is not a UUID. */
export function idOf(c: UiContext, name = "id"): string {
  return parse(uuidSchema, c.req.param(name));
}

/** A field that an island filled with JSON; undefined when it is not valid JSON. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

/** Where to go after signing in: a path of this site, never another site. */
export function safePath(next: string | undefined): string {
  const here = "http://here";
  if (!next || !URL.canParse(next, here)) return "/";
  const { origin, pathname, search, hash } = new URL(next, here);
  return origin === here && !pathname.startsWith("//") ? pathname + search + hash : "/";
}

/** Where a person who is signed in signs in once more, and comes back from to `path`. */
export function signInAgain(path: string): string {
  return `/sign-in?again=1&next=${encodeURIComponent(path)}`;
}
