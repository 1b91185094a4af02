/**
 * The closed set of failures that a request or the state of the world can cause. `lib` throws them as `AppError`; each
 * front end maps them once. Anything else that is thrown is a bug and answers 500.
 */
export type ErrorCode =
  | "bad_request"
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "timed_out"
  | "conflict"
  | "precondition_failed"
  | "too_large"
  | "unsupported"
  | "locked"
  | "rate_limited"
  | "unavailable"
  | "storage_full";

/** The HTTP status of each code, as RFC 9110, RFC 4918 and the API contract name them. */
export const HTTP_STATUS = {
  bad_request: 400,
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  timed_out: 408,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  unsupported: 415,
  locked: 423,
  rate_limited: 429,
  unavailable: 503,
  storage_full: 507,
} as const satisfies Record<ErrorCode, number>;

/** One invalid field: `path` is dotted text (`filters.asset_type`). */
export interface FieldError {
  path: string;
  message: string;
}

/** The values of a detail's placeholders. */
export type ErrorParams = Record<string, string | number>;

interface ErrorOptions {
  fields?: FieldError[];
  /** Seconds after which a retry makes sense. */
  retryAfter?: number;
  /** Extension members of the problem document (RFC 9457 §3.2). */
  members?: Record<string, string>;
  cause?: unknown;
}

interface AppErrorOptions extends ErrorOptions {
  reason: string;
  params: ErrorParams;
}

/**
 * An expected failure, made by the family of its noun alone. `reason` is `noun.key`, as declared by `defineReasons`;
 * `message` is its English detail.
 */
export class AppError extends Error {
  override name = "AppError";
  readonly reason: string;
  readonly params: ErrorParams;
  readonly fields: FieldError[];
  readonly retryAfter?: number;
  readonly members?: Record<string, string>;

  constructor(readonly code: ErrorCode, message: string, options: AppErrorOptions) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
    this.params = options.params;
    this.fields = options.fields ?? [];
    this.retryAfter = options.retryAfter;
    this.members = options.members;
  }
}

/** Why something failed: its code and its English detail, with `{placeholders}` for the parameters. */
export interface Reason {
  code: ErrorCode;
  detail: string;
  /** The path of the field that is wrong, when it is always the same one. */
  field?: string;
  /** Seconds after which a retry makes sense. */
  retryAfter?: number;
}

type Placeholder<Detail extends string> = Detail extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

interface MadeOptions extends ErrorOptions {
  /** The path of the field that is wrong, when the reason does not name it. */
  field?: string;
}

type Arguments<Detail extends string> = [Placeholder<Detail>] extends [never]
  ? [params?: Record<string, never>, options?: MadeOptions]
  : [params: Record<Placeholder<Detail>, string | number>, options?: MadeOptions];

/** Makes the errors of one noun: `groupError("too_many", { most: 500 })`. */
export interface ErrorFamily<Noun extends string, Table extends Record<string, Reason>> {
  <Key extends keyof Table & string>(key: Key, ...rest: Arguments<Table[Key]["detail"]>): AppError;
  readonly noun: Noun;
  readonly reasons: Table;
}

/** Declares the closed set of reasons of a noun. Keys and placeholders are checked where an error is made. */
export function defineReasons<const Noun extends string, const Table extends Record<string, Reason>>(
  noun: Noun,
  reasons: Table,
): ErrorFamily<Noun, Table> {
  function make(key: string, params: ErrorParams = {}, options: MadeOptions = {}): AppError {
    const { code, detail, field = options.field, retryAfter } = reasons[key]!;
    const message = fillDetail(detail, params);
    return new AppError(code, message, {
      reason: `${noun}.${key}`,
      params,
      fields: field === undefined ? options.fields : [{ path: field, message }],
      retryAfter: options.retryAfter ?? retryAfter,
      members: options.members,
      cause: options.cause,
    });
  }
  return Object.assign(make, { noun, reasons });
}

function fillDetail(detail: string, params: ErrorParams): string {
  return detail.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** True for an error of `family` whose reason is one of `keys`. */
export function hasReason<Noun extends string, Table extends Record<string, Reason>>(
  error: unknown,
  family: ErrorFamily<Noun, Table>,
  ...keys: (keyof Table & string)[]
): boolean {
  return error instanceof AppError && keys.some((key) => error.reason === `${family.noun}.${key}`);
}

/** The key of an error of `family`; undefined for any other error. */
export function findReason<Noun extends string, Table extends Record<string, Reason>>(
  error: unknown,
  family: ErrorFamily<Noun, Table>,
): (keyof Table & string) | undefined {
  return Object.keys(family.reasons).find((key) => hasReason(error, family, key));
}

/** True for an expected failure with this code. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof AppError && error.code === code;
}

/** True while a part does not answer or has no room left: the same request can succeed later. */
export function isOutage(error: unknown): boolean {
  return hasCode(error, "unavailable") || hasCode(error, "storage_full");
}

/** The first row of a query's result. Throws the `not_found` of its noun when there is none. */
export function found<Row>([row]: readonly Row[], nounError: (key: "not_found") => AppError): Row {
  if (row === undefined) throw nounError("not_found");
  return row;
}

/** The text of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
