// Size, depth and time limits of a request. Each is a setting; a request beyond one is refused, never truncated.
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { requestError } from "../reasons.ts";
import { findInexact } from "../exact_json.ts";
import { problem } from "../problems.ts";
import type { AppEnv } from "../env.ts";
import { requireUtf8 } from "../utf8.ts";

/** Refuses a Host header that makes no URL (`a b`, `[::1`): everything after this relies on one. */
export function requireHost() {
  return createMiddleware<AppEnv>(async function requireHost(c, next) {
    if (!URL.canParse(c.req.url)) throw requestError("malformed_host");
    await next();
  });
}

/**
 * Limits URL and headers together to MAX_HEADER_BYTES. Beyond four times as much the HTTP server itself answers 431.
 */
export function limitHead() {
  return createMiddleware<AppEnv>(async function limitHead(c, next) {
    const most = c.var.platform.config.MAX_HEADER_BYTES;
    let bytes = c.req.url.length;
    if (bytes > most) {
      return problem(c, { status: 414, code: "uri_too_long", detail: `An address may have ${most} bytes.` });
    }
    for (const [name, value] of c.req.raw.headers) bytes += name.length + value.length + 4;
    if (bytes <= most) return await next();
    const detail = `Address and headers may have ${most} bytes together.`;
    return problem(c, { status: 431, code: "headers_too_large", detail });
  });
}

/** Refuses an address that is not UTF-8. */
export function requireUtf8Address() {
  return createMiddleware<AppEnv>(async function requireUtf8Address(c, next) {
    requireUtf8(c.req.url);
    await next();
  });
}

/** Limits the time until the response head, reading the body included, to REQUEST_TIMEOUT_SECONDS. */
export function limitTime() {
  return createMiddleware<AppEnv>(async function limitTime(c, next) {
    const seconds = c.var.platform.config.REQUEST_TIMEOUT_SECONDS;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(requestError("timed_out", { seconds })),
      seconds * 1000,
    );
    try {
      await Promise.race([next(), late]);
    } finally {
      clearTimeout(timer);
    }
  });
}

/** Limits the form of a page to MAX_FORM_BYTES. */
export function limitForm() {
  return createMiddleware<AppEnv>(function limitForm(c, next) {
    const onError = () => {
      throw requestError("form_too_large");
    };
    return bodyLimit({ maxSize: c.var.platform.config.MAX_FORM_BYTES, onError })(c, next);
  });
}

/** Refuses compressed bodies (RFC 9110 §8.4): what the bytes stand for would be kept as if it were the bytes. */
export function plainBody() {
  return createMiddleware<AppEnv>(async function plainBody(c, next) {
    const encoding = c.req.header("Content-Encoding")?.trim().toLowerCase();
    if (c.req.raw.body && encoding && encoding !== "identity") {
      throw requestError("encoded_body", { encoding });
    }
    await next();
  });
}

/** Refuses a body of any other media type than JSON. */
export function jsonBody() {
  return createMiddleware<AppEnv>(async function jsonBody(c, next) {
    const hasBody = (c.req.header("Content-Length") ?? "0") !== "0" ||
      c.req.header("Transfer-Encoding") !== undefined;
    if (hasBody && !/^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(c.req.header("Content-Type") ?? "")) {
      throw requestError("not_json");
    }
    await next();
  });
}

/** Limits a JSON body to MAX_JSON_BYTES, its nesting to MAX_JSON_DEPTH and its numbers to those that stay as they are. */
export function limitJson() {
  return createMiddleware<AppEnv>(function limitJson(c, next) {
    const { MAX_JSON_BYTES, MAX_JSON_DEPTH } = c.var.platform.config;
    const onError = () => {
      throw requestError("json_too_large", { most: MAX_JSON_BYTES });
    };
    return bodyLimit({ maxSize: MAX_JSON_BYTES, onError })(c, async () => {
      if (c.req.raw.body) {
        const json = decode(await c.req.arrayBuffer());
        if (depthOf(json) > MAX_JSON_DEPTH) throw requestError("json_too_deep", { most: MAX_JSON_DEPTH });
        const paths = findInexact(json);
        const fields = paths.map((path) => ({ path, message: "is a number that would be rounded" }));
        if (paths.length > 0) throw requestError("inexact_number", {}, { fields });
      }
      await next();
    });
  });
}

/** Limits `page_size` to MAX_PAGE_SIZE. */
export function limitPages() {
  return createMiddleware<AppEnv>(async function limitPages(c, next) {
    const most = c.var.platform.config.MAX_PAGE_SIZE;
    if (Number(c.req.query("page_size")) > most) throw requestError("page_too_large", { most });
    await next();
  });
}

/** JSON is UTF-8 (RFC 8259 §8.1). Decoding anything else would replace characters, and the loss would be stored. */
function decode(body: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw requestError("not_utf8");
  }
}

/** Nesting depth, counted without recursion: it protects the recursive parser that comes after. */
function depthOf(json: string): number {
  let [depth, deepest, inText] = [0, 0, false];
  for (let at = 0; at < json.length; at++) {
    const letter = json[at];
    if (inText && letter === "\\") at++;
    else if (letter === '"') inText = !inText;
    else if (inText) continue;
    else if (letter === "{" || letter === "[") deepest = Math.max(deepest, ++depth);
    else if (letter === "}" || letter === "]") depth--;
  }
  return deepest;
}
