// What a file is: its content decides, and what a client declared otherwise is noted.
import type { AssetType } from "../../media/schema.ts";
import { sniff } from "../../media/sniff.ts";
import type { IngestNote } from "./columns.ts";

export interface Identity {
  contentType: string;
  assetType: AssetType;
  notes: IngestNote[];
}

/** Identifies a file by its first bytes. `declaredType` is the media type that the client sent, or null. */
export async function identify(
  head: Uint8Array,
  filename: string,
  declaredType: string | null,
): Promise<Identity> {
  const sniffed = await sniff(head, filename);
  const contentType = sniffed?.contentType ?? "application/octet-stream";
  const assetType = sniffed?.assetType ?? "document";
  const isWrong = sniffed && declaredType && family(declaredType) !== "application" &&
    family(declaredType) !== family(contentType);
  const notes = isWrong ? [{ code: "type_corrected", declared: declaredType, actual: contentType }] : [];
  return { contentType, assetType, notes };
}

function family(contentType: string): string {
  return contentType.split("/")[0]!.toLowerCase();
}
