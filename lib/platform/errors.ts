/**
 * The closed set of things that can go wrong because of what somebody asked for or the state of the world.
 * `lib` throws these; each front end maps them once. Anything else that is thrown is a bug and answers 500.
 */
export type ErrorCode =
  | "bad_request"
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "too_large"
  | "unsupported"
  | "rate_limited"
  | "unavailable";

/** One field that does not fit: `path` is dotted text (`filters.asset_type`). */
export interface FieldError {
  path: string;
  message: string;
}

interface AppErrorOptions {
  fields?: FieldError[];
  /** Seconds after which trying again makes sense. */
  retryAfter?: number;
  cause?: unknown;
}

/** An expected failure with a message that people may read and act upon. */
export class AppError extends Error {
  override name = "AppError";
  readonly fields: FieldError[];
  readonly retryAfter?: number;

  constructor(readonly code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.fields = options.fields ?? [];
    this.retryAfter = options.retryAfter;
  }
}

/** The HTTP status of each code, as RFC 9110 and the API contract name them. */
export const HTTP_STATUS = {
  bad_request: 400,
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported: 415,
  rate_limited: 429,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

/** An `invalid` error about one field. */
export function invalidField(path: string, message: string): AppError {
  return new AppError("invalid", message, { fields: [{ path, message }] });
}

/** The text of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
