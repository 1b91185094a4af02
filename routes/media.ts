// Media files for browsers: access is checked on every request, then the file is streamed, or the browser redirected to
// the object store where that is reachable. Originals are always downloads: they must not be rendered on this origin.
import { type Context, Hono } from "hono";
import { type AssetFile, getFile } from "../lib/library/renditions/renditions.ts";
import { findGrantedUrl, findSignedAccess, findStorageUrl, isShown } from "../lib/library/renditions/urls.ts";
import { PURPOSES } from "../lib/library/objects/schema.ts";
import { deliveryError } from "./reasons.ts";
import { uuidSchema } from "../lib/platform/ids.ts";
import type { ByteRange, ObjectBody, ObjectRef, Storage } from "../lib/platform/storage/storage.ts";
import { steadyBody } from "./body.ts";
import { routesOf } from "./declare.ts";
import { findUnmet } from "./preconditions.ts";
import type { AppEnv } from "./env.ts";
import { noSuchEndpoint } from "./problems.ts";

const ROUTE_PURPOSES = PURPOSES.filter((purpose) => purpose !== "hls" && purpose !== "dash");
type RoutePurpose = typeof ROUTE_PURPOSES[number];

/** `/media/assets/{id}/{purpose}`: thumbnails, proxies and originals of the actor's tenant. */
export function createMedia(): Hono<AppEnv> {
  const media = new Hono<AppEnv>();
  const routes = routesOf(media, "file");
  routes.get("/assets/:id/:purpose", { who: "media.read", rate: "media" }, async (c) => {
    const { ctx } = c.var;
    const purpose = ROUTE_PURPOSES.find((known) => known === c.req.param("purpose")) as
      | RoutePurpose
      | undefined;
    const id = uuidSchema.safeParse(c.req.param("id"));
    if (!purpose || !id.success) throw deliveryError("file_not_found");
    const file = await getFile(ctx, id.data, purpose);
    const elsewhere = await findStorageUrl(ctx, { ...file, purpose });
    if (elsewhere) {
      c.header("Cache-Control", "private, max-age=600");
      return c.redirect(elsewhere, 302);
    }
    const versioned = c.req.query("v") !== undefined && !file.isPrivate;
    c.header("Cache-Control", versioned ? "private, max-age=31536000, immutable" : "private, no-cache");
    return await sendFile(
      c,
      ctx.storage,
      file,
      isShown({ purpose, contentType: file.contentType }) ? undefined : file.filename,
    );
  });
  routes.rest({ who: "signed_in" }, noSuchEndpoint);
  return media;
}

/** `/objects/…`: URLs signed by this installation; the signature is the authorization until it expires. */
export function createObjects(): Hono<AppEnv> {
  const objects = new Hono<AppEnv>();
  const routes = routesOf(objects, "file");
  routes.get("/*", { who: "signed_url", rate: "media", time: "unbounded" }, async (c) => {
    const signed = await verify(c, "GET");
    const { ref, downloadAs, contentType } = signed;
    const elsewhere = await findGrantedUrl(c.var.platform, signed);
    c.header("Cache-Control", elsewhere ? "no-store" : "private, max-age=300");
    if (elsewhere) return c.redirect(elsewhere, 302);
    const head = await c.var.platform.storage.head(ref);
    if (!head) throw deliveryError("object_not_found");
    const file = {
      ref,
      contentType: contentType ?? head.contentType,
      bytes: head.bytes,
      etag: head.etag,
      modifiedAt: head.modifiedAt,
    };
    return await sendFile(c, c.var.platform.storage, file, downloadAs);
  });
  routes.put("/*", {
    who: "signed_url",
    audit: { none: "recorded when it becomes a file of an asset" },
    rate: "media",
    body: "stream",
    time: "unbounded",
  }, async (c) => {
    const { ref, contentType } = await verify(c, "PUT");
    const body = steadyBody(c);
    const length = c.req.header("Content-Length");
    await c.var.platform.storage.put(ref, body, {
      contentType: contentType ?? c.req.header("Content-Type") ?? "application/octet-stream",
      contentLength: length === undefined ? undefined : Number(length),
      maxBytes: c.var.platform.config.UPLOAD_MAX_BYTES,
    });
    return c.body(null, 200);
  });
  routes.rest({ who: "public" }, noSuchEndpoint);
  return objects;
}

async function verify(c: Context<AppEnv>, method: "GET" | "PUT") {
  const signed = await findSignedAccess(c.var.platform, new URL(c.req.url), method);
  if (!signed) throw deliveryError("link_expired");
  return signed;
}

/** Answers a file, or the part of it that `Range` asks for (RFC 9110 §14; one range, others get the whole). */
async function sendFile(
  c: Context,
  storage: Storage,
  file: Pick<AssetFile, "ref" | "contentType" | "bytes" | "etag" | "modifiedAt">,
  downloadAs?: string,
): Promise<Response> {
  c.header("ETag", file.etag);
  c.header("Last-Modified", file.modifiedAt.toUTCString());
  const unmet = findUnmet(c.req.raw.headers, file);
  if (unmet === 304) return c.body(null, 304);
  if (unmet === 412) throw deliveryError("changed");
  c.header("Accept-Ranges", "bytes");
  c.header("Content-Type", file.contentType);
  // Uploaded content runs no scripts, sends no forms and has no origin.
  c.header("Content-Security-Policy", "default-src 'none'; sandbox");
  if (downloadAs !== undefined) c.header("Content-Disposition", attachment(downloadAs));
  if (c.req.method === "HEAD") {
    c.header("Content-Length", String(file.bytes));
    return c.body(null, 200);
  }
  const ifRange = c.req.header("If-Range");
  const range = ifRange && ifRange !== file.etag ? undefined : parseRange(c.req.header("Range"), file.bytes);
  if (range === "unsatisfiable") {
    c.header("Content-Range", `bytes */${file.bytes}`);
    return c.body(null, 416);
  }
  const object = await open(storage, file.ref, range);
  c.header("Content-Length", String(object.range.end - object.range.start + 1));
  if (!range) return c.body(object.body, 200);
  c.header("Content-Range", `bytes ${object.range.start}-${object.range.end}/${object.bytes}`);
  return c.body(object.body, 206);
}

async function open(
  storage: Storage,
  ref: ObjectRef,
  range: ByteRange | undefined,
): Promise<ObjectBody> {
  const object = await storage.get(ref, range);
  if (!object) throw deliveryError("object_missing");
  return object;
}

function parseRange(header: string | undefined, bytes: number): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const suffix = Number(last);
    return suffix === 0 ? "unsatisfiable" : { start: Math.max(0, bytes - suffix), end: bytes - 1 };
  }
  const start = Number(first);
  const end = last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (start >= bytes) return "unsatisfiable";
  return end < start ? undefined : { start, end };
}

/** RFC 6266: an ASCII name for old clients, the full one in UTF-8. */
function attachment(name: string): string {
  // Control and format characters, such as U+202E, can make `exe.gpj` look like `jpg.exe`.
  const filename = name.replaceAll(/[\p{Cc}\p{Cf}]/gu, "_");
  const plain = filename.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(filename).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
