import type { Context } from "hono";
import { addFile } from "../../../lib/library/assets/add_file.ts";
import { getAsset, listAssets } from "../../../lib/library/assets/assets.ts";
import { createAsset, updateAsset } from "../../../lib/library/assets/describe.ts";
import { takeBackRendition } from "../../../lib/library/assets/take_back.ts";
import { deleteAsset, restoreAsset, trashAsset } from "../../../lib/library/assets/trash.ts";
import { getAccess, setAccess } from "../../../lib/library/assets/access.ts";
import { PURPOSES } from "../../../lib/library/objects/schema.ts";
import {
  accessSchema,
  assetDetailSchema,
  assetFilterSchema,
  assetPatchSchema,
  assetSummarySchema,
  newAccessSchema,
  newAssetSchema,
} from "../../../lib/library/assets/schema.ts";
import { yesOrNo } from "../../../lib/platform/text.ts";
import { tenantCodeSchema } from "../../../lib/tenancy/tenants/schema.ts";
import { actIn } from "../../../lib/tenancy/tenants/tenants.ts";
import type { AppEnv } from "../../env.ts";
import { requireOwnTenant } from "./ingest.ts";
import { receiveForm } from "./multipart.ts";
import {
  addUnparsed,
  answers,
  COMMON,
  idParams,
  messageSchema,
  OpenAPIHono,
  pageOf,
  problems,
  route,
  takes,
  z,
} from "../openapi.ts";
import { parseInput } from "../../input.ts";

const tag = "assets";
const detail = assetDetailSchema.meta({ id: "Asset" });
const access = accessSchema.meta({ id: "Access" });
const page = pageOf(assetSummarySchema.meta({ id: "AssetSummary" }), "AssetPage");

export const storedFileSchema = z.object({
  asset_id: z.uuid(),
  storage_location_id: z.uuid(),
  bucket: z.string(),
  path: z.string(),
  file_size_bytes: z.number().int(),
  checksum_sha256: z.string(),
  status: z.string(),
}).meta({ id: "StoredFile" });

/** Assets: list, create, read, change, trash, restore, delete, share. */
export const assets = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "assets.read",
      tag,
      summary: "List assets, newest first",
      request: { query: assetFilterSchema.extend({ tenant_code: tenantCodeSchema }) },
      responses: { 200: answers(page, "One page"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      const { tenant_code: _, ...filter } = c.req.valid("query");
      return c.json(await listAssets(c.var.ctx, filter), 200);
    },
  )
  .openapi(
    route("post", "/", {
      who: "assets.change",
      audit: ["asset.create"],
      tag,
      summary: "Make a placeholder whose file comes later",
      request: takes(newAssetSchema.extend({ tenant_code: tenantCodeSchema })),
      responses: { 201: answers(detail, "The placeholder"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => {
      const { tenant_code: _, ...input } = c.req.valid("json");
      return c.json(await createAsset(c.var.ctx, input, await readSent(c)), 201);
    },
  )
  .openapi(
    route("get", "/{id}", {
      who: "assets.read",
      tag,
      summary: "Read an asset",
      request: { params: idParams, query: z.object({ include_deleted: yesOrNo.optional() }) },
      responses: { 200: answers(detail, "The asset"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      const includeDeleted = c.req.valid("query").include_deleted;
      return c.json(await getAsset(c.var.ctx, c.req.valid("param").id, { includeDeleted }), 200);
    },
  )
  .openapi(
    route("patch", "/{id}", {
      who: "assets.change",
      audit: ["asset.update"],
      tag,
      summary: "Change what the body names",
      request: { params: idParams, ...takes(assetPatchSchema) },
      responses: { 200: answers(detail, "The asset"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      return c.json(await updateAsset(c.var.ctx, id, c.req.valid("json"), await readSent(c)), 200);
    },
  )
  .openapi(
    route("delete", "/{id}", {
      who: "assets.change",
      audit: ["asset.trash", "asset.delete"],
      variants: [{ query: "hard_delete=true", who: "assets.delete" }],
      tag,
      summary: "Put an asset into the trash, or (administrators) delete it for ever",
      request: { params: idParams, query: z.object({ hard_delete: yesOrNo.optional() }) },
      responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const forEver = c.req.valid("query").hard_delete ?? false;
      await (forEver ? deleteAsset(c.var.ctx, id) : trashAsset(c.var.ctx, id));
      return c.json({ message: forEver ? "Asset deleted" : "Asset moved to the trash", id }, 200);
    },
  )
  .openapi(
    route("post", "/{id}/restore", {
      who: "assets.change",
      audit: ["asset.restore"],
      tag,
      summary: "Take an asset out of the trash",
      request: { params: idParams },
      responses: { 200: answers(detail, "The asset"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => c.json(await restoreAsset(c.var.ctx, c.req.valid("param").id), 200),
  )
  .openapi(
    route("get", "/{id}/access", {
      who: "assets.share",
      orElse: { who: "signed_in", when: "the account that made the asset" },
      tag,
      summary: "Who sees an asset; for its maker, managers and administrators",
      request: { params: idParams },
      responses: { 200: answers(access, "Visibility and grants"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => c.json(await getAccess(c.var.ctx, c.req.valid("param").id), 200),
  )
  .openapi(
    route("put", "/{id}/access", {
      who: "assets.share",
      audit: ["asset.share"],
      orElse: { who: "signed_in", when: "the account that made the asset" },
      tag,
      summary: "Decide anew who sees an asset; acts at everybody's next request",
      request: { params: idParams, ...takes(newAccessSchema) },
      responses: { 200: answers(access, "Visibility and grants"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => c.json(await setAccess(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200),
  );

/** All that a validated JSON body has; an empty object for a request without one. */
async function readSent(c: Context<AppEnv>): Promise<object> {
  const body = await c.req.text();
  return body ? JSON.parse(body) : {};
}

assets.openapi(
  route("delete", "/{id}/renditions/{purpose}", {
    who: "assets.change",
    audit: ["rendition.take_back"],
    tag,
    summary: "Take back the file that was uploaded last for a purpose; the one before it is shown again",
    request: { params: idParams.extend({ purpose: z.enum(PURPOSES) }) },
    responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 422) },
  }),
  async (c) => {
    const { id, purpose } = c.req.valid("param");
    await takeBackRendition(c.var.ctx, id, purpose);
    return c.json({ message: `The uploaded ${purpose} is taken back`, id }, 200);
  },
);

// Parsed by hand: a validator would read the whole form into memory.

addUnparsed(
  assets,
  route("post", "/{id}/upload", {
    who: "assets.change",
    audit: ["asset.fill", "rendition.replace"],
    body: "stream",
    time: "unbounded",
    tag,
    summary:
      "Add a file to an asset; an original starts the work on a placeholder, a rendition is shown once probed",
    request: {
      params: idParams,
      body: {
        required: true,
        content: {
          "multipart/form-data": {
            schema: z.object({
              file: z.string().openapi({ format: "binary" }),
              purpose: z.enum(PURPOSES).optional(),
              tenant_code: tenantCodeSchema,
            }),
          },
        },
      },
    },
    responses: { 200: answers(storedFileSchema, "Where it lies"), ...problems(...COMMON, 404, 409) },
  }),
  async (c) => {
    const { id } = parseInput(idParams, c.req.param());
    const stored = await receiveForm(c, async (file) => {
      const { purpose, tenant_code } = parseInput(uploadFields, { ...c.req.query(), ...file.fieldsBefore });
      const ctx = await actIn(c.var.ctx, tenant_code);
      return await addFile(ctx, id, purpose, file, async () => {
        const after = parseInput(uploadFields, { ...c.req.query(), ...await file.fields() });
        if (after.tenant_code !== tenant_code) await requireOwnTenant(c, after.tenant_code);
        if (after.purpose !== purpose) {
          parseInput(uploadFields, { purpose: "stands behind the file; send it before" });
        }
      });
    });
    return c.json({
      asset_id: id,
      storage_location_id: stored.storageLocationId,
      bucket: stored.bucket,
      path: stored.path,
      file_size_bytes: stored.bytes,
      checksum_sha256: stored.sha256,
      status: stored.status,
    });
  },
);

const uploadFields = z.object({
  purpose: z.enum(PURPOSES).default("original"),
  tenant_code: tenantCodeSchema,
});
