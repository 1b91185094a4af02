// An asset with its files and technical metadata.
import { type Ctx, sightOf } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import { found } from "../../platform/errors.ts";
import { assetError } from "./reasons.ts";
import { listFiles, presentFile } from "../renditions/renditions.ts";
import type { ShownLocation } from "../renditions/schema.ts";
import { findTechnicalMetadata } from "../technical_metadata/technical_metadata.ts";
import { mayEdit, mayShare } from "./access.ts";
import type { AssetRow } from "./columns.ts";
import * as queries from "./queries.ts";
import type { AssetDetail } from "./schema.ts";

/** One asset in full, within the caller's transaction. Throws `not_found`. */
export async function readDetail(
  ctx: Ctx,
  sql: Sql,
  id: string,
  includeDeleted = false,
): Promise<AssetDetail> {
  const [assets, files, technical] = await Promise.all([
    queries.findAsset(sql, sightOf(ctx.actor), id, includeDeleted),
    listFiles(sql, id),
    findTechnicalMetadata(sql, id),
  ]);
  const { is_open_to_edit, ...row } = found(assets, assetError);
  const rights = { is_open_to_edit, created_by: row.created_by };
  const thumbnail = files.find((file) => file.purpose === "thumbnail");
  const isPrivate = row.visibility === "private";
  return {
    ...row,
    ...await hideUnseen(ctx, sql, row),
    can_edit: mayEdit(ctx, rights),
    can_share: mayShare(ctx, rights),
    thumbnail_url: thumbnail ? thumbnailUrl(id, versionOf(thumbnail)) : null,
    proxy_url: files.some((file) => file.purpose === "proxy") ? `/media/assets/${id}/proxy` : null,
    storage_locations: files.map((file) => presentFile(ctx, file, { isPrivate })),
    technical_metadata: technical ?? null,
    keywords: [],
    markers: [],
  };
}

type References = Pick<AssetRow, "parent_id" | "duplicate_of">;

/** References to other assets, null where the actor may not see the other one. */
async function hideUnseen(ctx: Ctx, sql: Sql, { parent_id, duplicate_of }: References): Promise<References> {
  const ids = [parent_id, duplicate_of].filter((id) => id !== null);
  const seen = ids.length > 0 ? await queries.listSeen(sql, sightOf(ctx.actor), ids) : [];
  const ifSeen = (id: string | null) => seen.some((row) => row.id === id) ? id : null;
  return { parent_id: ifSeen(parent_id), duplicate_of: ifSeen(duplicate_of) };
}

/** Where browsers find a thumbnail. The version makes the URL new when the picture is, so that it may be cached. */
export function thumbnailUrl(id: string, version: string): string {
  return `/media/assets/${id}/thumbnail?v=${version}`;
}

function versionOf(file: ShownLocation): string {
  return file.checksum_sha256?.slice(0, 12) ?? file.id;
}
