// From a policy to the middleware that holds it. The order is part of the contract: a request from another site is
// refused before anything else is looked at, rights are checked before a body is read.
import { createMiddleware } from "hono/factory";
import type { MiddlewareHandler } from "hono";
import { type Permission, requirePermission } from "../../lib/access/permissions.ts";
import { requestError } from "../reasons.ts";
import type { AppEnv } from "../env.ts";
import { isPermission, type Policy } from "../policy.ts";
import { actingIn } from "./acting_in.ts";
import { enrolment } from "./enrolment.ts";
import { jsonBody, limitForm, limitJson, limitPages, limitTime, plainBody } from "./limits.ts";
import { rateLimit } from "./rate_limit.ts";
import { session } from "./session.ts";

/** The steps before a route's handler. */
export function enforce(policy: Policy): MiddlewareHandler<AppEnv>[] {
  const { who, orElse, surface, body } = policy;
  const least = orElse?.who ?? who;
  return [
    notePolicy(policy),
    ...(policy.time === "request" ? [limitTime()] : []),
    ...(policy.session ? [session()] : []),
    ...(policy.beforeEnrolment ? [] : [enrolment()]),
    ...(policy.rate === "none" ? [] : [rateLimit(policy.rate)]),
    ...(least === "public" || least === "signed_url" ? [] : [requireSignedIn()]),
    ...(isPermission(least) ? [requireRight(least)] : []),
    ...(body === "unread" ? [] : [plainBody()]),
    ...(body === "json" ? [jsonBody(), limitJson()] : []),
    ...(body === "form" ? [limitForm()] : []),
    ...(surface === "api" ? [limitPages(), actingIn(policy)] : []),
  ];
}

function notePolicy(policy: Policy) {
  return createMiddleware<AppEnv>(async function notePolicy(c, next) {
    c.set("policy", policy);
    await next();
  });
}

function requireSignedIn() {
  return createMiddleware<AppEnv>(async function requireSignedIn(c, next) {
    if (!c.var.ctx) throw requestError("sign_in_required");
    await next();
  });
}

function requireRight(permission: Permission) {
  return createMiddleware<AppEnv>(async function requireRight(c, next) {
    requirePermission(c.var.ctx, permission);
    await next();
  });
}
