import type { AssetStatus } from "../../../../lib/library/assets/schema.ts";
import type { AssetType } from "../../../../lib/media/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import type { IconName } from "../../kit/views/icons.tsx";
import { type Look, State } from "../../kit/views/states.tsx";

const LOOKS: Record<AssetStatus, Look> = {
  ingesting: ["busy", "upload"],
  processing: ["busy", "running"],
  available: ["ok", "check"],
  review: ["busy", "user"],
  archived: ["idle", "archive"],
  deleted: ["idle", "trash"],
  failed: ["bad", "warning"],
};

export const TYPE_ICONS: Record<AssetType, IconName> = {
  video: "video",
  audio: "audio",
  image: "image",
  document: "document",
  sequence: "video",
};

/** The state of an asset: icon and word, with the percentage while it is processed. */
export function AssetState(
  { ui, status, progress }: { ui: Ui; status: AssetStatus; progress: number | null },
) {
  const percent = status === "processing" && progress !== null;
  return (
    <State look={LOOKS[status]}>
      {ui.t(`status.${status}`)}
      {percent && <span data-percent>{ui.percent(progress)}</span>}
    </State>
  );
}
