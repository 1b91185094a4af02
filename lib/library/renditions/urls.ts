// URLs of stored files: signed ones for API clients, and redirects to the object store where browsers can reach it.
import type { Ctx } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ObjectRef } from "../../platform/storage/storage.ts";
import { type SignedAccess, signUrl, verifySignedUrl } from "../../platform/storage/signed.ts";
import { isTenantOpen } from "../../tenancy/tenants/tenants.ts";
import { tenantCodeOf } from "../objects/keys.ts";
import type { Purpose } from "../objects/schema.ts";

/** Long enough to watch a long film. Checked again at each request, as far as the tenant is concerned. */
const URL_SECONDS = 3600;
/** A link to the object store itself cannot be checked: it outlives a suspended tenant or a lost right by this much. */
const STORE_URL_SECONDS = 900;
/** Long enough to follow a redirect; a client that resumes begins at this server again. */
const REDIRECT_SECONDS = 60;
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
 * A signed URL of this server that answers Range, valid for an hour, for a private asset five minutes, and in neither
 * case once the tenant is suspended.
 */
export function fileUrl(ctx: Ctx, file: UrlSource): string {
  const expiresSeconds = file.isPrivate ? PRIVATE_URL_SECONDS : URL_SECONDS;
  const downloadAs = isShown(file) ? undefined : file.filename;
  return signUrl(
    ctx.config,
    "GET",
    file.ref,
    { expiresSeconds, contentType: file.contentType, downloadAs },
    ctx.clock,
  );
}

/** What a signed URL of this server grants; undefined when it is not valid or its tenant is suspended. */
export async function findSignedAccess(
  platform: Platform,
  url: URL,
  method: "GET" | "PUT",
): Promise<SignedAccess | undefined> {
  const signed = verifySignedUrl(platform.config, url, method, platform.clock);
  return signed && await isTenantOpen(platform, tenantCodeOf(signed.ref)) ? signed : undefined;
}

/**
 * Where the object store answers a file itself, for some minutes; undefined when this server must stream it. Private
 * files are always streamed, because every request for them is checked.
 */
export async function findStorageUrl(ctx: Ctx, file: UrlSource): Promise<string | undefined> {
  if (file.isPrivate || !reachesStorage(ctx)) return undefined;
  return await ctx.storage.signGet(file.ref, {
    expiresSeconds: STORE_URL_SECONDS,
    contentType: file.contentType,
    downloadAs: isShown(file) ? undefined : file.filename,
  });
}

/** Where the object store answers what a signed URL grants; undefined when this server must stream it. */
export async function findGrantedUrl(
  platform: Platform,
  { ref, contentType, downloadAs }: SignedAccess,
): Promise<string | undefined> {
  if (!reachesStorage(platform)) return undefined;
  return await platform.storage.signGet(ref, { expiresSeconds: REDIRECT_SECONDS, contentType, downloadAs });
}

/** Only generated pictures and sound are shown in the browser; everything that people uploaded is downloaded. */
export function isShown({ purpose, contentType }: Pick<UrlSource, "purpose" | "contentType">): boolean {
  return purpose !== "original" && /^(image\/(?!svg)|video\/|audio\/)/.test(contentType);
}

/** True when browsers can reach the object store themselves. */
function reachesStorage(ctx: Pick<Platform, "config" | "storage">): boolean {
  return ctx.storage.kind === "s3" && Boolean(ctx.config.S3_PUBLIC_ENDPOINT);
}
