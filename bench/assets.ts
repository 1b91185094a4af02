// Seeds many assets that look real to the database: metadata, an original and a thumbnail each, without stored objects.
import type { Platform } from "../lib/platform/platform.ts";
import type { Sql } from "../lib/platform/db/database.ts";

/** How many of the inserted assets are named "needle". */
export const NEEDLES = 10;
/** Rows per statement: well within the statement timeout, also on the embedded database. */
const BATCH = 10_000;

/** Inserts `count` assets, one second apart, the newest now; one in a hundred has failed. */
export async function seedAssets(
  { db, storage }: Pick<Platform, "db" | "storage">,
  tenantId: string,
  count: number,
): Promise<void> {
  for (let from = 1; from <= count; from += BATCH) {
    const to = Math.min(from + BATCH - 1, count);
    await db.asTenant(
      tenantId,
      (sql) =>
        insertBatch(sql, tenantId, {
          from,
          to,
          everyNeedle: count / NEEDLES,
          bucket: storage.bucketName("originals"),
        }),
    );
  }
  await db.asOwner(async (sql) => {
    await sql`analyze assets, storage_locations, technical_metadata`;
  });
}

interface Batch {
  from: number;
  to: number;
  everyNeedle: number;
  bucket: string;
}

async function insertBatch(
  sql: Sql,
  tenantId: string,
  { from, to, everyNeedle, bucket }: Batch,
): Promise<void> {
  await sql`
    create temporary table seeded on commit drop as
    select gen_random_uuid() as id, nth from generate_series(${from}::int, ${to}::int) nth`;
  await sql`
    insert into assets (id, tenant_id, asset_type, title, status, original_filename, content_type, duration_ms,
                        file_size_bytes, checksum_sha256, created_at)
    select id, ${tenantId}, (array['video', 'video', 'audio', 'image'])[1 + nth % 4],
           case when nth % ${everyNeedle}::int = 0 then 'Needle ' else 'Evening news clip ' end || nth,
           case when nth % 100 = 0 then 'failed' else 'available' end, 'clip-' || nth || '.mp4', 'video/mp4', 60000,
           50000000 + nth, md5(id::text) || md5(nth::text), now() - make_interval(secs => nth)
    from seeded`;
  await sql`
    insert into technical_metadata (asset_id, tenant_id, width, height, aspect_ratio, frame_rate, frame_rate_num,
                                    frame_rate_den, frame_count, video_codec, audio_codec, container_format)
    select id, ${tenantId}, 1920, 1080, '16:9', 25, 25, 1, 1500, 'h264', 'aac', 'mp4' from seeded`;
  await sql`
    insert into storage_locations (id, tenant_id, asset_id, purpose, bucket, path, filename, content_type,
                                   file_size_bytes, checksum_sha256, is_primary)
    select gen_random_uuid(), ${tenantId}, id, purpose, ${bucket}, purpose || '/' || id, 'clip.mp4', 'video/mp4',
           50000000, md5(id::text) || md5(purpose), purpose = 'original'
    from seeded, (values ('original'), ('thumbnail')) as made(purpose)`;
}
