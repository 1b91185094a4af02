// What a file is: its content decides, and what a client declared otherwise is noted.
import type { AssetType } from "../../media/schema.ts";
import { sniff } from "../../media/sniff.ts";
import type { IngestNote } from "./columns.ts";

/** What a client declared and what the content says instead: of the media type, or of the asset type. */
export type Correction = {
  code: "type_corrected" | "asset_type_corrected";
  declared: string;
  actual: string;
};

export interface Identity {
  contentType: string;
  assetType: AssetType;
  notes: Correction[];
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
  const notes: Correction[] = isWrong
    ? [{ code: "type_corrected", declared: declaredType, actual: contentType }]
    : [];
  return { contentType, assetType, notes };
}

/** The correction of a declared asset type that contradicts the content; an empty list when it does not. */
export function correctAssetType(declared: AssetType | undefined, actual: AssetType): Correction[] {
  return declared && declared !== actual ? [{ code: "asset_type_corrected", declared, actual }] : [];
}

/** The notes of an asset once probing knows its type better than the first bytes did. */
export function reviseNotes(notes: IngestNote[], actual: AssetType): IngestNote[] {
  return notes.flatMap((note) => {
    if (note.code !== "asset_type_corrected") return [note];
    return note.declared === actual ? [] : [{ ...note, actual }];
  });
}

function family(contentType: string): string {
  return contentType.split("/")[0]!.toLowerCase();
}
