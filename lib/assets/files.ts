// The files of an asset as people fetch them: by the page through our own routes, by API clients through signed URLs.
import { type Ctx, transaction } from "../context.ts";
import { AppError } from "../platform/errors.ts";
import type { BucketName, ObjectRef } from "../platform/storage.ts";
import { bucketNamed } from "./objects.ts";
import * as queries from "./queries.ts";
import type { Purpose } from "./schema.ts";

/** One file of an asset and what to call it. */
export interface AssetFile {
  ref: ObjectRef;
  filename: string;
  contentType: string;
  bytes: number;
  /** Strong validator: the bytes' own hash. */
  etag: string;
}

const URL_SECONDS = 3600;

/** The newest file of an asset for a purpose. Throws `not_found` when there is none, or no such asset. */
export async function getFile(ctx: Ctx, assetId: string, purpose: Purpose): Promise<AssetFile> {
  const [location] = await transaction(ctx, (sql) => queries.findLocation(sql, assetId, purpose));
  if (!location) throw new AppError("not_found", `This asset has no ${purpose}.`);
  return {
    ref: { bucket: bucketNamed(ctx.storage, location.bucket), key: location.path },
    filename: location.filename,
    contentType: location.content_type,
    bytes: location.file_size_bytes,
    etag: `"${location.checksum_sha256 ?? location.id}"`,
  };
}

/** True when people's browsers can reach the object store themselves; otherwise Akashi streams. */
export function redirectsToStorage(ctx: Pick<Ctx, "config" | "storage">): boolean {
  return ctx.storage.kind === "s3" && Boolean(ctx.config.S3_PUBLIC_ENDPOINT);
}

interface UrlSource {
  asset_id: string;
  bucket: BucketName;
  path: string;
  filename: string;
  purpose: Purpose;
  content_type: string;
}

/** A URL that answers Range: signed and good for an hour where browsers reach the store, else a route of ours. */
export async function fileUrl(ctx: Ctx, file: UrlSource): Promise<string> {
  if (ctx.storage.kind === "s3" && !redirectsToStorage(ctx)) {
    return `/media/assets/${file.asset_id}/${file.purpose}`;
  }
  return await ctx.storage.signGet({ bucket: file.bucket, key: file.path }, {
    expiresSeconds: URL_SECONDS,
    contentType: file.content_type,
    downloadAs: isShown(file) ? undefined : file.filename,
  });
}

/** Only renditions that are pictures or sound are shown; whatever else people brought in is saved, and runs nowhere. */
export function isShown({ purpose, content_type }: Pick<UrlSource, "purpose" | "content_type">): boolean {
  return purpose !== "original" && /^(image\/(?!svg)|video\/|audio\/)/.test(content_type);
}
