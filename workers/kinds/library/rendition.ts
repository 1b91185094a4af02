import { requireFitting } from "../../../lib/library/renditions/fitting.ts";
import { rendition } from "../../../lib/library/renditions/kinds.ts";
import { acceptUploaded, getUploaded, rejectUploaded } from "../../../lib/library/renditions/uploaded.ts";
import { bucketNamed } from "../../../lib/library/objects/keys.ts";
import { probe } from "../../../lib/media/probe.ts";
import { isPermanent } from "../../runtime/failures.ts";
import { fetchFile } from "../../runtime/folders.ts";
import { handle, type Outcome, type WorkOf } from "../../runtime/handler.ts";

export const renditionHandler = handle(rendition, checkRendition);

/** Probes what was uploaded as a rendition; what is not of its purpose is deleted, and never shown. */
async function checkRendition({ ctx, payload, folder, signal }: WorkOf<typeof rendition>): Promise<Outcome> {
  const row = await getUploaded(ctx, payload.location_id);
  const { path: key, file_size_bytes: bytes, filename } = row;
  const stored = { bucket: bucketNamed(ctx.storage, row.bucket), path: key, bytes, filename };
  const path = await fetchFile(ctx.storage, stored, folder, signal);
  try {
    const facts = await probe(path, folder, { signal, filename });
    requireFitting(row.purpose, row.asset_type, facts, { isProbed: true });
    const { width, height } = facts.technical;
    return {
      result: { purpose: row.purpose, content_type: facts.contentType, width, height },
      write: (sql) => acceptUploaded(sql, row, facts),
    };
  } catch (error) {
    if (isPermanent(error)) await rejectUploaded(ctx, row);
    throw error;
  }
}
