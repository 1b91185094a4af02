// Building blocks of route descriptions: answers, problems, pages, and the `route` function that declares policies.
import { createRoute, type OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { guard } from "../declare.ts";
import type { AppEnv } from "../env.ts";
import { type Declared, type DeclaredChange, type Policy, policyOf } from "../policy.ts";

export { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  /** `noun.key`, such as `group.name_taken`: more precise than `code`, which it refines. */
  reason: z.string().optional(),
  request_id: z.string(),
  /** Of 409 for bytes that are in already: the asset that has them. */
  duplicate_of: z.uuid().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })),
}).meta({ id: "Problem" });

export const idParams = z.object({ id: z.uuid() });
export const messageSchema = z.object({ message: z.string(), id: z.uuid().optional() }).meta({
  id: "Message",
});

/** A JSON answer. */
export function answers<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** The schema of a paged list (`Page` in lib/platform/page.ts) under this name. */
export function pageOf<T extends z.ZodType>(item: T, id: string) {
  return z.object({
    items: z.array(item),
    total: z.number().int(),
    total_is_estimate: z.boolean(),
    page: z.number().int(),
    page_size: z.number().int(),
    pages: z.number().int(),
    next_cursor: z.string().nullable(),
  }).meta({ id });
}

/** A JSON request body. */
export function takes<T extends z.ZodType>(schema: T) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

const SIGNED_IN: Record<string, string[]>[] = [{ bearer: [] }, { apiKey: [] }];
const ALWAYS = [414, 429, 431, 500, 503] as const;
const DESCRIPTIONS: Record<number, string> = {
  400: "Not readable: malformed JSON or multipart",
  401: "Not signed in",
  403: "Not allowed for this role or tenant",
  404: "No such thing, or not yours",
  408: "The body stopped arriving, or arrives too slowly",
  409: "The thing's present state does not allow it",
  412: "The protocol version is not spoken here",
  413: "Too large",
  414: "The address is too long",
  415: "This media type is not taken here",
  422: "Something in the request does not fit; `errors` names it",
  429: "Too many requests; `Retry-After` says when",
  431: "Address and headers are too large",
  500: "Internal error",
  503: "A part that this needs does not answer right now",
};

/** Describes the problem+json answers of a route. */
export function problems(...statuses: number[]) {
  const content = { "application/problem+json": { schema: problemSchema } };
  return Object.fromEntries(
    [...statuses, ...ALWAYS].map((status) => [status, { description: DESCRIPTIONS[status]!, content }]),
  );
}

/** Statuses that every JSON route with a body may answer. */
export const COMMON = [400, 401, 403, 413, 415, 422];

type Method = RouteConfig["method"];

type SafeMethod = "get" | "head" | "options";

interface Description {
  summary: string;
  tag: string;
  description?: string;
  request?: RouteConfig["request"];
  responses: RouteConfig["responses"];
}

/** Describes a route and declares its policy. */
export function route<
  M extends Method,
  P extends string,
  D extends Description & (M extends SafeMethod ? Declared : DeclaredChange),
>(
  method: M,
  path: P,
  described: D,
) {
  const { tag, summary, description: text, request, responses, ...declared } = described;
  const policy = policyOf("api", declared);
  const description = [text, recentText(policy)].filter(Boolean).join(" ") || undefined;
  const isPublic = policy.who === "public" || policy.orElse?.who === "public";
  return createRoute({
    method,
    path,
    tags: [tag],
    ...({ summary, description, request, responses: { ...responses, ...bodyProblems(policy) } } as Omit<
      D,
      keyof Declared | "tag"
    >),
    security: isPublic ? [] : SIGNED_IN,
    "x-permission": policy.who,
    ...(policy.endsSession && { "x-ends-session": true }),
    middleware: guard(policy, mediaTypeOf(request)),
  });
}

/** What a route answers whose body is read while it arrives. */
function bodyProblems({ body }: Policy) {
  return body === "stream" ? problems(408) : {};
}

/** What the document says of a route that needs a recent sign-in. */
function recentText({ recent }: Policy): string | undefined {
  if (!recent) return undefined;
  const when = recent === "always" ? "" : `, ${recent}`;
  return `Needs a sign-in of the last 15 minutes${when}; else 403 with the reason \`session.sign_in_too_old\`.`;
}

/** Adds a route whose body the handler reads by itself: a validator would read all of it into memory. */
export function addUnparsed(
  api: OpenAPIHono<AppEnv>,
  described: ReturnType<typeof route>,
  handler: (c: Context<AppEnv>) => Response | Promise<Response>,
): void {
  const { middleware, ...path } = described;
  api.openAPIRegistry.registerPath(path);
  // Hono answers HEAD by the GET handler without its body.
  const method = path.method === "head" ? "GET" : path.method.toUpperCase();
  api.on(method, [path.path.replaceAll(/\{(\w+)\}/g, ":$1")], ...middleware, handler);
}

function mediaTypeOf(request: RouteConfig["request"]): string | undefined {
  return Object.keys(request?.body?.content ?? {})[0];
}
