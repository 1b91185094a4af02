import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { publicUrl } from "../../lib/platform/config.ts";
import { requestError } from "../reasons.ts";
import { CHALLENGE_SECONDS } from "../../lib/identity/challenges/challenges.ts";
import type { RelyingParty } from "../../lib/identity/passkeys/schema.ts";
import {
  resumeByAccessToken,
  resumeByCookie,
  revokeByCookie,
  rotateSession,
} from "../../lib/identity/sessions/sessions.ts";
import type { SignedIn } from "../../lib/identity/principals/schema.ts";
import { looksLikeKey, resumeByKey } from "../../lib/identity/api_keys/sign_in.ts";
import { type Origin } from "../../lib/identity/sessions/schema.ts";
import type { AppEnv } from "../env.ts";
import { isSafe } from "../policy.ts";
import { dropCookie, readCookie, writeCookie } from "./cookies.ts";

/**
 * Finds out who asks, by access token, API key or cookie. Invalid credentials leave the request anonymous; routes that
 * need an account refuse it. A key without the scope to change anything is refused every unsafe method.
 */
export function session() {
  return createMiddleware<AppEnv>(async function session(c, next) {
    const authorization = /^Bearer (.+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
    const bearer = authorization ?? c.req.header("X-API-Key");
    const cookie = readCookie(c, "akashi");
    if (bearer && (authorization === undefined || looksLikeKey(bearer))) await enterByKey(c, bearer);
    else if (bearer) enter(c, await resumeByAccessToken(c.var.platform, bearer), "bearer");
    else if (cookie) await enterByCookie(c, cookie);
    if (!bearer && (cookie || isFormOfPage(c))) requireSameOrigin(c);
    await next();
    // The change may have marked the session for rotation (`rotateAfterFactorChange`).
    if (c.var.signedInBy === "cookie" && !isSafe(c.req.method)) await giveNewToken(c);
  });
}

/** Sets the session cookie. */
export function setSessionCookie(c: Context<AppEnv>, token: string): void {
  // Idle expiry is checked by the server; the cookie carries the absolute maximum only.
  writeCookie(c, "akashi", token, c.var.platform.config.SESSION_MAX_DAYS * 24 * 3600);
}

/** Sets the cookie of a new session and ends the session that the browser had before. */
export async function replaceSession(c: Context<AppEnv>, token: string): Promise<void> {
  const before = readCookie(c, "akashi");
  if (before) await revokeByCookie(c.var.platform, before);
  if (stepOf(c)) dropCookie(c, "akashi-step");
  setSessionCookie(c, token);
}

/** Keeps the pending second step of a sign-in, for as long as the challenge is valid. */
export function setStepCookie(c: Context<AppEnv>, step: string): void {
  writeCookie(c, "akashi-step", step, CHALLENGE_SECONDS);
}

/** The pending second step of this browser; empty when there is none. */
export function stepOf(c: Context<AppEnv>): string {
  return readCookie(c, "akashi-step") ?? "";
}

/** Keeps the sealed state of a sign-in at a provider (`lib/identity/sign_ins/by_provider.ts`). */
export function setNoteCookie(c: Context<AppEnv>, note: string): void {
  writeCookie(c, "akashi-provider", note, CHALLENGE_SECONDS);
}

/** Reads that state and deletes the cookie. */
export function takeNoteCookie(c: Context<AppEnv>): string | undefined {
  const note = readCookie(c, "akashi-provider");
  if (note !== undefined) dropCookie(c, "akashi-provider");
  return note;
}

/** Deletes the session cookie. */
export function clearSessionCookie(c: Context<AppEnv>): void {
  dropCookie(c, "akashi");
}

/**
 * Tells the browser to clear its cache and storage (pictures, names of unfinished uploads) when a session has ended.
 * Browsers honour it over https and on localhost.
 */
export function clearStorage(c: Context<AppEnv>): void {
  c.header("Clear-Site-Data", '"cache", "storage"');
}

/** Address and user agent of a request, as the list of sessions shows them. */
export function originOf(c: Context<AppEnv>): Origin {
  const userAgent = c.req.header("User-Agent") ?? null;
  return { address: clientAddress(c), userAgent, requestId: c.var.requestId };
}

/** The WebAuthn relying party: passkeys are bound to its host name. */
export function siteOf(c: Context<AppEnv>): RelyingParty {
  const origin = ownOrigin(c);
  return { id: new URL(origin).hostname, origin };
}

/** The origin of `PUBLIC_URL`; without one (development) that of this request. */
export function ownOrigin(c: Context<AppEnv>): string {
  const { config } = c.var.platform;
  return new URL(config.PUBLIC_URL ? publicUrl(config) : c.req.url).origin;
}

/** The client's address: the peer, or what the outermost of TRUSTED_PROXIES proxies recorded. */
export function clientAddress(c: Context<AppEnv>): string {
  const hops = c.var.platform.config.TRUSTED_PROXIES;
  const forwarded = c.req.header("X-Forwarded-For")?.split(",").map((address) => address.trim()) ?? [];
  return (hops > 0 ? forwarded.at(-hops) : undefined) ?? c.env?.remoteAddress ?? "unknown";
}

/** Rotates the token after a change of role, on full pages only: parts and files are requested concurrently. */
async function enterByCookie(c: Context<AppEnv>, cookie: string): Promise<void> {
  const found = await resumeByCookie(c.var.platform, cookie);
  enter(c, found, "cookie");
  if (found?.isRotationDue && asksForPage(c)) await giveNewToken(c);
}

function asksForPage(c: Context<AppEnv>): boolean {
  return c.req.header("Sec-Fetch-Dest") === "document" || c.req.header("HX-Request") !== undefined;
}

async function giveNewToken(c: Context<AppEnv>): Promise<void> {
  const token = await rotateSession(c.var.platform, c.var.ctx.actor.sessionId!);
  if (token) setSessionCookie(c, token);
}

async function enterByKey(c: Context<AppEnv>, key: string): Promise<void> {
  const found = await resumeByKey(c.var.platform, key, clientAddress(c));
  if (found && !found.mayWrite && !isSafe(c.req.method)) throw requestError("read_only_key");
  enter(c, found, "bearer");
}

function enter(c: Context<AppEnv>, found: SignedIn | undefined, by: "cookie" | "bearer"): void {
  if (!found) return;
  const { platform, requestId } = c.var;
  const log = c.var.log.with({ tenant_id: found.actor.tenantId, user_id: found.actor.userId });
  c.set("ctx", { ...platform, log, requestId, address: clientAddress(c), actor: found.actor });
  c.set("viewer", found.viewer);
  c.set("signedInBy", by);
}

/** Forms of pages need the same-origin proof also without a session; API requests without a cookie carry no authority. */
function isFormOfPage(c: Context<AppEnv>): boolean {
  const fromBrowser = c.req.header("Sec-Fetch-Site") ?? c.req.header("Origin");
  return c.var.policy.surface !== "api" && fromBrowser !== undefined;
}

/** CSRF protection as OWASP advises: fetch metadata where the browser sends it, else the Origin header. */
function requireSameOrigin(c: Context<AppEnv>): void {
  if (isSafe(c.req.method)) return;
  const site = c.req.header("Sec-Fetch-Site");
  const origin = c.req.header("Origin");
  const own = [new URL(c.req.url).origin, publicUrl(c.var.platform.config)];
  const same = site ? site === "same-origin" : origin !== undefined && own.includes(origin);
  if (!same) throw requestError("cross_site");
}
