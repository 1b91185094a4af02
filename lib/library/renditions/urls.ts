// URLs of stored files: signed ones for API clients, and redirects to the object store where browsers can reach it.
import type { Ctx } from "../../access/context.ts";
import type { ObjectRef } from "../../platform/storage/storage.ts";
import { signUrl } from "../../platform/storage/signed.ts";
import type { Purpose } from "../objects/schema.ts";

/** Long enough to watch a long film. After access is revoked a URL stays valid until it expires. */
const URL_SECONDS = 3600;
/** Long enough to start a download. */
const PRIVATE_URL_SECONDS = 300;

interface UrlSource {
  ref: ObjectRef;
  filename: string;
  purpose: Purpose;
  contentType: string;
  isPrivate: boolean;
}

/**
 * A signed URL that answers Range, valid for an hour, for a private asset five minutes. It points to the object store
 * where browsers can reach it, else to this server.
 */
export async function fileUrl(ctx: Ctx, file: UrlSource): Promise<string> {
  const options = {
    expiresSeconds: file.isPrivate ? PRIVATE_URL_SECONDS : URL_SECONDS,
    contentType: file.contentType,
    downloadAs: isShown(file) ? undefined : file.filename,
  };
  return reachesStorage(ctx)
    ? await ctx.storage.signGet(file.ref, options)
    : signUrl(ctx.config, "GET", file.ref, options, ctx.clock);
}

/**
 * Where the object store answers a file itself; undefined when this server must stream it. Private files are always
 * streamed, because every request for them is checked.
 */
export async function findStorageUrl(
  ctx: Ctx,
  file: Omit<UrlSource, "purpose">,
  purpose: Purpose,
): Promise<string | undefined> {
  if (file.isPrivate || !reachesStorage(ctx)) return undefined;
  return await fileUrl(ctx, { ...file, purpose });
}

/** Only generated pictures and sound are shown in the browser; everything that people uploaded is downloaded. */
export function isShown({ purpose, contentType }: Pick<UrlSource, "purpose" | "contentType">): boolean {
  return purpose !== "original" && /^(image\/(?!svg)|video\/|audio\/)/.test(contentType);
}

/** True when browsers can reach the object store themselves. */
function reachesStorage(ctx: Pick<Ctx, "config" | "storage">): boolean {
  return ctx.storage.kind === "s3" && Boolean(ctx.config.S3_PUBLIC_ENDPOINT);
}
