// The files of an asset as people fetch them: by the page through our own routes, by API clients through signed URLs.
import { type Ctx, sightOf, transaction } from "../../access/context.ts";
import { assetError } from "./reasons.ts";
import type { BucketName, ObjectRef } from "../../platform/storage/storage.ts";
import { signUrl } from "../../platform/storage/signed.ts";
import { bucketNamed } from "../objects/keys.ts";
import * as queries from "./queries.ts";
import type { Purpose } from "../objects/schema.ts";
import type { Visibility } from "./schema.ts";

/** One file of an asset and what to call it. */
export interface AssetFile {
  ref: ObjectRef;
  filename: string;
  contentType: string;
  bytes: number;
  /** Strong validator: the bytes' own hash. */
  etag: string;
  /** May be lost to its reader at any time: every request for it has to be asked about. */
  isPrivate: boolean;
}

/** Long enough to watch what is long. Whoever loses sight of an asset keeps its URL as long. */
const URL_SECONDS = 3600;
/** Long enough to begin a download. */
const PRIVATE_URL_SECONDS = 300;

/** The newest file of an asset for a purpose, if the actor may see it. Throws `not_found` when there is none, or no such asset. */
export async function getFile(ctx: Ctx, assetId: string, purpose: Purpose): Promise<AssetFile> {
  const [location] = await transaction(
    ctx,
    (sql) => queries.findLocation(sql, sightOf(ctx.actor), assetId, purpose),
  );
  if (!location) throw assetError("no_file", { purpose });
  return {
    ref: { bucket: bucketNamed(ctx.storage, location.bucket), key: location.path },
    filename: location.filename,
    contentType: location.content_type,
    bytes: location.file_size_bytes,
    etag: `"${location.checksum_sha256 ?? location.id}"`,
    isPrivate: location.visibility === "private",
  };
}

/** True when people's browsers can reach the object store themselves; otherwise Akashi streams. */
function reachesStorage(ctx: Pick<Ctx, "config" | "storage">): boolean {
  return ctx.storage.kind === "s3" && Boolean(ctx.config.S3_PUBLIC_ENDPOINT);
}

/**
 * Where the store itself answers a file, if it may: what is private is streamed by Akashi, which looks at every request
 * whether that is still so.
 */
export async function findStorageUrl(
  ctx: Ctx,
  file: AssetFile,
  purpose: Purpose,
): Promise<string | undefined> {
  if (file.isPrivate || !reachesStorage(ctx)) return undefined;
  const { ref: { bucket, key: path }, filename, contentType: content_type } = file;
  return await fileUrl(ctx, { bucket, path, filename, purpose, content_type, visibility: "internal" });
}

interface UrlSource {
  bucket: BucketName;
  path: string;
  filename: string;
  purpose: Purpose;
  content_type: string;
  visibility: Visibility;
}

/** A URL that is good for an hour, of what is private for five minutes, and answers Range: the store's own where it can be reached, else one of ours. */
export async function fileUrl(ctx: Ctx, file: UrlSource): Promise<string> {
  const ref = { bucket: file.bucket, key: file.path };
  const options = {
    expiresSeconds: file.visibility === "private" ? PRIVATE_URL_SECONDS : URL_SECONDS,
    contentType: file.content_type,
    downloadAs: isShown(file) ? undefined : file.filename,
  };
  return reachesStorage(ctx)
    ? await ctx.storage.signGet(ref, options)
    : signUrl(ctx.config, "GET", ref, options, ctx.clock);
}

/** Only renditions that are pictures or sound are shown; whatever else people brought in is saved, and runs nowhere. */
export function isShown({ purpose, content_type }: Pick<UrlSource, "purpose" | "content_type">): boolean {
  return purpose !== "original" && /^(image\/(?!svg)|video\/|audio\/)/.test(content_type);
}
