// All settings of all processes in one schema. The only reader of the environment.
import { z } from "zod";
import { LOG_LEVELS } from "./observe/log.ts";

const DEVELOPMENT_SECRET = "akashi-development-secret-not-for-production";

const url = (protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `expected a URL that starts with ${protocols.join(" or ")}`,
  });
const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const bucket = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "expected an S3 bucket name");
const sender = z.string().regex(
  /^([^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
  "expected an e-mail address, or: Name <address>",
);
const prefix = z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, "expected letters, digits, dot, dash, underscore");

const schema = z.object({
  APP_ENV: z.enum(["development", "test", "staging", "production"]).default("development"),
  PORT: integer(0, 65535).default(8000),
  HOST: z.string().default("0.0.0.0"),
  PUBLIC_URL: url(["http:", "https:"]).refine(
    isOrigin,
    "expected scheme and host alone, as in https://media.example.org: Akashi needs a host name of its own, no path",
  ).optional(),
  ALLOW_PLAIN_HTTP: flag.default(false),
  LOG_LEVEL: z.enum(LOG_LEVELS).default("info"),
  AKASHI_DATA_DIR: z.string().min(1).default(".akashi"),
  AKASHI_SECRET: z.string().min(32, "expected at least 32 bytes, as from: openssl rand -base64 48")
    .default(DEVELOPMENT_SECRET),
  AKASHI_SECRET_PREVIOUS: z.string().min(32, "expected the secret that AKASHI_SECRET replaces").optional(),
  AKASHI_TENANT: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,49}$/, "expected a tenant code").default("akashi"),
  AKASHI_ADMIN_EMAIL: z.email("expected an e-mail address").optional(),
  AKASHI_ADMIN_PASSWORD: z.string().min(8, "expected at least 8 characters").optional(),

  DATABASE_URL: url(["postgres:", "postgresql:"]).optional(),
  DATABASE_OWNER_URL: url(["postgres:", "postgresql:"]).optional(),
  DATABASE_READ_URL: url(["postgres:", "postgresql:"]).optional(),
  DATABASE_POOL: integer(2, 100).default(10),

  S3_ENDPOINT: url(["http:", "https:"]).optional(),
  S3_PUBLIC_ENDPOINT: url(["http:", "https:"]).optional(),
  S3_REGION: z.string().min(1).default("us-east-1"),
  S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  S3_BUCKET_ORIGINALS: bucket.default("akashi-originals"),
  S3_BUCKET_PROXIES: bucket.default("akashi-proxies"),
  S3_BUCKET_THUMBNAILS: bucket.default("akashi-thumbnails"),
  STORAGE_CAPACITY_BYTES: integer(1, Number.MAX_SAFE_INTEGER).optional(),

  REDIS_URL: url(["redis:", "rediss:"]).optional(),
  REDIS_PREFIX: prefix.default("akashi"),
  AMQP_URL: url(["amqp:", "amqps:"]).optional(),
  AMQP_PREFIX: prefix.default("akashi"),

  SMTP_URL: url(["smtp:", "smtps:"]).optional(),
  MAIL_FROM: sender.optional(),

  OIDC_ALLOW_PRIVATE_ISSUERS: flag.optional(),

  RATE_LIMIT_PER_MINUTE: integer(1, 1_000_000).default(100),
  RATE_LIMIT_KEY_PER_MINUTE: integer(1, 1_000_000).default(100),
  RATE_LIMIT_ADDRESS_PER_MINUTE: integer(1, 1_000_000).default(3_000),
  RATE_LIMIT_TENANT_PER_MINUTE: integer(1, 1_000_000).default(6_000),
  RATE_LIMIT_PAGES_PER_MINUTE: integer(1, 1_000_000).default(600),
  RATE_LIMIT_MEDIA_PER_MINUTE: integer(1, 1_000_000).default(3_000),
  EVENT_STREAMS_PER_PERSON: integer(1, 1_000).default(20),
  RATE_LIMIT_SIGN_IN_PER_MINUTE: integer(1, 1_000_000).default(10),
  RATE_LIMIT_SIGN_IN_ADDRESS_PER_MINUTE: integer(1, 1_000_000).default(60),
  TRUSTED_PROXIES: integer(0, 10).default(0),
  SESSION_MAX_DAYS: integer(1, 365).default(90),
  PASSWORD_REFUSED_WORDS: z.string().default("").transform((text) => text.split(",").filter(Boolean)),
  AKASHI_KEY: z.string().min(1).optional(),
  METRICS_TOKEN: z.string().min(16, "expected at least 16 characters").optional(),
  AUDIT_RETENTION_DAYS: integer(1, 36_500).optional(),
  METRICS_PORT: integer(0, 65535).optional(),
  MAX_HEADER_BYTES: integer(1024, 1024 ** 2).default(32 * 1024),
  MAX_JSON_BYTES: integer(1024, 64 * 1024 ** 2).default(1024 ** 2),
  MAX_JSON_DEPTH: integer(4, 1000).default(64),
  MAX_FORM_BYTES: integer(1024, 64 * 1024 ** 2).default(256 * 1024),
  MAX_MULTIPART_PARTS: integer(2, 1000).default(60),
  MAX_MULTIPART_FIELD_BYTES: integer(256, 1024 ** 2).default(64 * 1024),
  MAX_PAGE_SIZE: integer(20, 100).default(100),
  REQUEST_TIMEOUT_SECONDS: integer(1, 3600).default(30),
  UPLOAD_MAX_BYTES: integer(1, Number.MAX_SAFE_INTEGER).default(10 * 1024 ** 3),
  UPLOAD_RESUMABLE_MAX_BYTES: integer(1, 600 * 1024 ** 3).default(600 * 1024 ** 3),
  UPLOAD_IDLE_SECONDS: integer(1, 3600).default(60),
  WORKER_CONCURRENCY: integer(1, 64).default(2),
  WORKER_SCHEDULE: flag.default(true),
  JOB_LIMIT_SECONDS: integer(10, 24 * 3600).default(4 * 3600),
  JOB_LEASE_SECONDS: integer(2, 3600).default(60),
});

/** The keys that an operator may set, in the order of `.env.example`. */
export const CONFIG_KEYS = Object.keys(schema.shape);

export type Config = z.infer<typeof schema>;

/** Thrown with one line per bad setting; entry points print it and exit 1. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Reads the configuration from `env`. `NAME_FILE` reads the value of `NAME` from a file (Docker and Kubernetes
 * secrets). Throws a `ConfigError` that lists every invalid key at once with what was expected.
 */
export function loadConfig(env: Record<string, string> = Deno.env.toObject()): Config {
  const problems: string[] = [];
  const values = Object.fromEntries(CONFIG_KEYS.flatMap((key) => {
    const value = readValue(env, key, problems);
    return value === undefined || value === "" ? [] : [[key, value]];
  }));
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join(".")}: ${issue.message}`);
  } else {
    problems.push(...contradictions(parsed.data));
    if (isDeployed(parsed.data)) {
      problems.push(...embeddedProblems(parsed.data), ...defaultSecretProblems(parsed.data));
    }
    if (parsed.data.APP_ENV === "production") problems.push(...addressProblems(parsed.data));
  }
  if (problems.length > 0) throw new ConfigError(problems.map((line) => `  ${line}`).join("\n"));
  return Object.freeze(parsed.data!);
}

function readValue(env: Record<string, string>, key: string, problems: string[]): string | undefined {
  const file = env[`${key}_FILE`];
  if (!file) return env[key];
  if (env[key]) problems.push(`${key}: set ${key} or ${key}_FILE, not both`);
  try {
    return Deno.readTextFileSync(file).replace(/\r?\n$/, "");
  } catch {
    problems.push(`${key}_FILE: cannot read ${file}`);
  }
}

function contradictions(config: Config): string[] {
  const problems: string[] = [];
  if (config.S3_ENDPOINT && !(config.S3_ACCESS_KEY_ID && config.S3_SECRET_ACCESS_KEY)) {
    problems.push("S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: expected beside S3_ENDPOINT");
  }
  for (const key of ["DATABASE_OWNER_URL", "DATABASE_READ_URL"] as const) {
    if (config[key] && !config.DATABASE_URL) problems.push(`${key}: expected beside DATABASE_URL only`);
  }
  if (config.SMTP_URL && !config.MAIL_FROM) problems.push("MAIL_FROM: expected beside SMTP_URL");
  if (Boolean(config.AKASHI_ADMIN_EMAIL) !== Boolean(config.AKASHI_ADMIN_PASSWORD)) {
    problems.push("AKASHI_ADMIN_EMAIL, AKASHI_ADMIN_PASSWORD: expected both or neither");
  }
  return problems;
}

/** Embedded parts are for one machine and one person: they have no credentials of their own. */
function embeddedProblems(config: Config): string[] {
  const needed = ["DATABASE_URL", "S3_ENDPOINT", "REDIS_URL", "AMQP_URL"] as const;
  return needed.filter((key) => !config[key])
    .map((key) => `${key}: expected in ${config.APP_ENV}, where no embedded part is used`);
}

function addressProblems({ PUBLIC_URL, ALLOW_PLAIN_HTTP }: Config): string[] {
  if (!PUBLIC_URL) return ["PUBLIC_URL: expected in production, the address that people type"];
  if (!isUnencrypted(PUBLIC_URL) || ALLOW_PLAIN_HTTP) return [];
  return ["PUBLIC_URL: expected https in production, or ALLOW_PLAIN_HTTP=true for a network of your own"];
}

/** True in staging and production: on real parts alone, with a secret of their own, and a login that owns nothing. */
export function isDeployed({ APP_ENV }: Pick<Config, "APP_ENV">): boolean {
  return APP_ENV === "staging" || APP_ENV === "production";
}

/** True for an address without path, query, fragment and credentials. A text that is no address is refused before. */
function isOrigin(address: string): boolean {
  return !URL.canParse(address) || new URL(address).href === `${new URL(address).origin}/`;
}

/** True for a plain http address that is not on this machine: passwords would cross the network unencrypted. */
function isUnencrypted(address: string | undefined): boolean {
  if (!address?.startsWith("http:")) return false;
  return !/^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
}

/** Known default secrets must not sign anything that others can reach. */
function defaultSecretProblems(config: Config): string[] {
  const keys = ["AKASHI_SECRET", "AKASHI_SECRET_PREVIOUS"] as const;
  return keys.filter((key) => config[key] === DEVELOPMENT_SECRET)
    .map((key) => `${key}: expected a secret of your own in ${config.APP_ENV}`);
}

/** The public base URL of this installation, without a trailing slash. */
export function publicUrl(config: Config): string {
  return (config.PUBLIC_URL ?? `http://localhost:${config.PORT}`).replace(/\/+$/, "");
}

/** True when OpenID Connect issuers may be on a private network. Production requires an explicit setting. */
export function allowsPrivateIssuers({ APP_ENV, OIDC_ALLOW_PRIVATE_ISSUERS }: Config): boolean {
  return OIDC_ALLOW_PRIVATE_ISSUERS ?? APP_ENV !== "production";
}
