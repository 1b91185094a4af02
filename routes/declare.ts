// Adds routes together with their policies, and lists all of them.
import type { Handler, Hono, MiddlewareHandler } from "hono";
import { findTargetHandler } from "hono/utils/handler";
import type { AppEnv } from "./env.ts";
import { enforce } from "./middleware/enforce.ts";
import { type Declared, type DeclaredChange, type Policy, policyOf } from "./policy.ts";

const declarations = new WeakMap<object, Declaration>();

interface Declaration {
  policy: Policy;
  /** Media type of the request body, where there is one. */
  accepts?: string;
}

/** The middleware that holds a policy, in order. It stands before the route's handler; the first one carries the policy. */
export function guard(policy: Policy, accepts?: string): MiddlewareHandler<AppEnv>[] {
  const steps = enforce(policy);
  declarations.set(steps[0]!, { policy, accepts });
  return steps;
}

/** Declares routes on `app`: none without a policy, and none that changes something without its audit entries. */
export interface Routes {
  get<P extends string>(path: P, declared: Declared, handler: Handler<AppEnv, P>): void;
  post<P extends string>(path: P, declared: DeclaredChange, handler: Handler<AppEnv, P>): void;
  put<P extends string>(path: P, declared: DeclaredChange, handler: Handler<AppEnv, P>): void;
  /** Every other path below: what answers that there is no such thing. */
  rest(declared: Declared, handler: Handler<AppEnv>): void;
}

/** The way to add routes of one surface to an app. */
export function routesOf(app: Hono<AppEnv>, surface: Policy["surface"]): Routes {
  const add = (method: string) => (path: string, declared: Declared, handler: Handler<AppEnv>) => {
    const accepts = method === "POST" && surface === "page" ? "application/x-www-form-urlencoded" : undefined;
    app.on(method, [path], ...guard(policyOf(surface, declared), accepts), handler);
  };
  return {
    get: add("GET") as Routes["get"],
    post: add("POST") as Routes["post"],
    put: add("PUT") as Routes["put"],
    rest: (declared, handler) => void app.on("ALL", ["*"], ...enforce(policyOf(surface, declared)), handler),
  };
}

export interface DeclaredRoute extends Declaration {
  method: string;
  /** As Hono writes it: `/assets/:id`. */
  path: string;
}

/** Every route of `app` with its policy, in order of declaration; the later of two for one address, which answers it. */
export function listRoutes(app: Hono<AppEnv>): DeclaredRoute[] {
  const declared = app.routes.flatMap(({ method, path, handler }) => {
    const declaration = declarations.get(findTargetHandler(handler));
    return declaration ? [{ method, path, ...declaration }] : [];
  });
  return [...new Map(declared.map((route) => [`${route.method} ${route.path}`, route])).values()];
}

/** Addresses of `app` that have a handler and no policy: there are none. */
export function undeclared(app: Hono<AppEnv>): string[] {
  const known = new Set(listRoutes(app).map(({ method, path }) => `${method} ${path}`));
  const all = app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) =>
    `${method} ${path}`
  );
  return all.filter((name) => !known.has(name));
}
