import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { AppError, type FieldError, HTTP_STATUS, isOutage } from "../lib/platform/errors.ts";
import { requestError } from "./reasons.ts";
import type { AppEnv } from "./env.ts";

/** Title of each status in a problem document. */
const STATUS_TITLES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  422: "Unprocessable Content",
  423: "Locked",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
  507: "Insufficient Storage",
};

interface Problem {
  status: number;
  code: string;
  detail: string;
  /** `noun.key`: why, for programs; absent where a status says all. */
  reason?: string;
  errors?: FieldError[];
  /** Members that only some problems have. */
  members?: Record<string, string>;
}

/** Answers an error as RFC 9457 problem+json. An unexpected one is logged once and its text is not disclosed. */
export function answerProblem(thrown: Error, c: Context<AppEnv>): Response {
  const error = orBrokenOff(thrown, c);
  if (error instanceof AppError) {
    if (error.retryAfter) c.header("Retry-After", String(error.retryAfter));
    if (error.code === "unauthenticated") c.header("WWW-Authenticate", 'Bearer realm="akashi"');
    if (isOutage(error)) c.var.log.warn("unavailable", { error: error.cause ?? error });
    const { code, reason, message: detail, fields: errors, members } = error;
    return problem(c, { status: HTTP_STATUS[code], code, detail, reason, errors, members });
  }
  if (error instanceof HTTPException && error.status < 500) {
    return problem(c, {
      status: error.status,
      code: "bad_request",
      detail: error.message || "This request cannot be read.",
    });
  }
  c.var.log.error("request_failed", { error, path: c.req.path });
  return problem(c, { status: 500, code: "internal", detail: "Internal error" });
}

/** Whatever failed while its client left is the client's doing, and no fault of the server. */
export function orBrokenOff(error: Error, c: Context<AppEnv>): Error {
  const isOwn = error instanceof AppError || !c.req.raw.signal.aborted;
  return isOwn ? error : requestError("broken_off", {}, { cause: error });
}

/** Handler for paths without a route. Throws `not_found`. */
export function noSuchEndpoint(): never {
  throw requestError("endpoint_not_found");
}

/** One problem document. */
export function problem(
  c: Context<AppEnv>,
  { status, code, detail, reason, errors = [], members }: Problem,
): Response {
  const body = {
    type: "about:blank",
    title: STATUS_TITLES[status] ?? "Error",
    status,
    detail,
    code,
    reason,
    request_id: c.var.requestId,
    errors,
    ...members,
  };
  return c.body(JSON.stringify(body), status as 400, { "Content-Type": "application/problem+json" });
}
