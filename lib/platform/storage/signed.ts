// Signed URLs for the file store, which has no S3 server to issue and verify them.
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { type Clock, systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { hmacs } from "../secrets.ts";
import type { BucketName, ObjectRef, SignGetOptions, SignPutOptions } from "./storage.ts";
import { checkContentType, checkExpiry, checkKey, encodeKey } from "./names.ts";

const PATH = "/objects/";

/** What a valid signed URL grants. */
export interface SignedAccess {
  ref: ObjectRef;
  /** File name for the browser's download. */
  downloadAs?: string;
  /** For GET the type of the response, for PUT the only type accepted. */
  contentType?: string;
}

/** A relative URL that grants `method` on the object until it expires. Throws `invalid` for a bad key or lifetime. */
export function signUrl(
  config: Config,
  method: "GET" | "PUT",
  ref: ObjectRef,
  options: SignGetOptions & SignPutOptions,
  clock: Clock = systemClock,
): string {
  checkKey(ref);
  checkExpiry(options.expiresSeconds);
  if (options.contentType !== undefined) checkContentType(options.contentType);
  const expires = Math.floor(clock.now() / 1000) + options.expiresSeconds;
  const { downloadAs, contentType } = options;
  const query = new URLSearchParams({ expires: String(expires), method });
  if (downloadAs !== undefined) query.set("download", downloadAs.toWellFormed());
  if (contentType !== undefined) query.set("type", contentType);
  query.set("signature", signaturesOf(config, ref, query)[0]!.toString("base64url"));
  return `${PATH}${bucketNames(config)[ref.bucket]}/${encodeKey(ref.key)}?${query}`;
}

/**
 * What the URL grants when its signature is valid for this method and it has not expired; otherwise undefined. GET
 * includes HEAD.
 */
export function verifySignedUrl(
  config: Config,
  url: URL,
  method: string,
  clock: Clock = systemClock,
): SignedAccess | undefined {
  const ref = readPath(config, url.pathname);
  const query = url.searchParams;
  if (!ref || query.get("method") !== (method === "HEAD" ? "GET" : method)) return undefined;
  const given = Buffer.from(query.get("signature") ?? "", "base64url");
  if (!signaturesOf(config, ref, query).some((expected) => isEqual(given, expected))) return undefined;
  if (Number(query.get("expires")) * 1000 <= clock.now()) return undefined;
  return {
    ref,
    downloadAs: query.get("download") ?? undefined,
    contentType: query.get("type") ?? undefined,
  };
}

/** The configured names of the three buckets. */
export function bucketNames(config: Config): Record<BucketName, string> {
  return {
    originals: config.S3_BUCKET_ORIGINALS,
    proxies: config.S3_BUCKET_PROXIES,
    thumbnails: config.S3_BUCKET_THUMBNAILS,
  };
}

function readPath(config: Config, path: string): ObjectRef | undefined {
  if (!path.startsWith(PATH)) return undefined;
  const [name, ...segments] = path.slice(PATH.length).split("/");
  const bucket = Object.entries(bucketNames(config)).find(([, outside]) => outside === name)?.[0];
  if (!bucket) return undefined;
  try {
    const ref = { bucket: bucket as BucketName, key: segments.map(decodeURIComponent).join("/") };
    checkKey(ref);
    return ref;
  } catch {
    return undefined;
  }
}

/**
 * Signs a JSON array, so that different requests never share a text, with a key for this purpose only. The signature
 * under the current secret comes first, then the one under the previous secret.
 */
function signaturesOf(config: Config, ref: ObjectRef, query: URLSearchParams): Buffer[] {
  const signed = ["method", "expires", "download", "type"].map((name) => query.get(name));
  return hmacs(config, "signed-object-url", JSON.stringify([ref.bucket, ref.key, ...signed]));
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
