// For generated tests: all declared routes, and a plausible request to each.
import type { Platform } from "../../lib/platform/platform.ts";
import { createApp } from "../../routes/app.ts";
import { type DeclaredRoute, listRoutes } from "../../routes/declare.ts";
import { tinyPng } from "./media.ts";
import { FITTING } from "./things.ts";

export const UNKNOWN = "0198c0de-0000-7000-8000-000000000000";

export interface Route extends DeclaredRoute {
  /** The word before the first id, which says what it stands for: `assets` in `/assets/:id/card`. */
  noun?: string;
}

/** Every route once. `nouns` are the words that an id may stand for. */
export function routesOf(platform: Platform, nouns: readonly string[]): Route[] {
  return listRoutes(createApp(platform)).map((route) => ({
    ...route,
    noun: nounOf(route.path, nouns),
  }));
}

/** Which of these words stands before the first parameter of a path: `assets` in `/assets/:id/markers`. */
export function nounOf(path: string, nouns: readonly string[]): string | undefined {
  const [start, ...parameters] = path.split("/:");
  return parameters.length > 0 ? start!.split("/").findLast((part) => nouns.includes(part)) : undefined;
}

/** The address of a route for one id. */
export function addressOf({ path }: Route, id: string): string {
  return path.replace(/:id(\{[^}]*\})?/, id).replace(/:purpose(\{[^}]*\})?/, "original")
    .replaceAll(/:\w+(\{[^}]*\})?/g, UNKNOWN);
}

/** A request whose body fits, with this token; pages take the cookie. */
export function requestTo(
  { method, path, policy, accepts }: Route,
  { token, cookie }: { token: string; cookie: string },
): RequestInit {
  const isPage = policy.surface === "page";
  const headers: Record<string, string> = isPage
    ? { Cookie: cookie, "Sec-Fetch-Site": "same-origin" }
    : { Authorization: `Bearer ${token}`, "Tus-Resumable": "1.0.0" };
  const init = { method, headers, redirect: "manual" as const };
  if (["GET", "HEAD", "DELETE", "OPTIONS"].includes(method)) return init;
  if (accepts === "multipart/form-data") {
    const form = new FormData();
    form.set("file", new File([tinyPng("x")], "x.png"));
    return { ...init, body: form };
  }
  if (path.startsWith("/api/v1/uploads") && accepts) {
    return {
      ...init,
      headers: {
        ...headers,
        "Upload-Offset": "0",
        "Content-Type": accepts,
        ...(method === "POST" && { "X-HTTP-Method-Override": "PATCH" }),
      },
      body: new Uint8Array(10),
    };
  }
  const fields = { ...FITTING, user_id: UNKNOWN };
  if (isPage) return { ...init, body: formOf(fields) };
  return {
    ...init,
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(fields),
  };
}

/** Fields as a form sends them. */
export function formOf(fields: Record<string, string | number>): URLSearchParams {
  return new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

/** Status and text of a response, with ids and nonces masked. */
export async function readMasked(response: Response, id: string): Promise<{ status: number; text: string }> {
  const text = (await response.text()).replaceAll(id, "ID").replaceAll(/"request_id":"[^"]*"/g, "")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/g, "REQUEST").replaceAll(/nonce="[^"]+"/g, "");
  return { status: response.status, text };
}

/** Signs in by the page and answers the session cookie. */
export async function signInCookie(url: string, email: string, password: string): Promise<string> {
  const response = await fetch(`${url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { "Sec-Fetch-Site": "same-origin" },
    body: new URLSearchParams({ email, password }),
  });
  await response.body?.cancel();
  return response.headers.get("Set-Cookie")!.split(";")[0]!;
}
