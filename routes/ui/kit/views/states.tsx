import type { AssetStatus } from "../../../../lib/library/assets/schema.ts";
import type { JobStatus } from "../../../../lib/work/jobs/schema.ts";
import type { AssetType } from "../../../../lib/media/schema.ts";
import { MEDIA_FAILURES } from "../../../../lib/media/errors.ts";
import { JOB_FAILURES } from "../../../../lib/work/jobs/schema.ts";
import type { Ui } from "../ui.ts";
import type { TextKey } from "../words.ts";
import { Icon, type IconName } from "./icons.tsx";

type Tone = "ok" | "busy" | "bad" | "idle";

const ASSET_LOOKS: Record<AssetStatus, [Tone, IconName]> = {
  ingesting: ["busy", "upload"],
  processing: ["busy", "running"],
  available: ["ok", "check"],
  review: ["busy", "user"],
  archived: ["idle", "archive"],
  deleted: ["idle", "trash"],
  failed: ["bad", "warning"],
};
const JOB_LOOKS: Record<JobStatus, [Tone, IconName]> = {
  pending: ["idle", "clock"],
  processing: ["busy", "running"],
  completed: ["ok", "check"],
  failed: ["bad", "warning"],
  cancelled: ["idle", "cancel"],
};

export const TYPE_ICONS: Record<AssetType, IconName> = {
  video: "video",
  audio: "audio",
  image: "image",
  document: "document",
  sequence: "video",
};

/** The state of an asset: icon and word, with the percentage while work is under way. */
export function AssetState(
  { ui, status, progress }: { ui: Ui; status: AssetStatus; progress: number | null },
) {
  const [tone, icon] = ASSET_LOOKS[status];
  const percent = status === "processing" && progress !== null;
  return (
    <span class={`state state--${tone}`}>
      <Icon name={icon} /> {ui.t(`status.${status}`)}
      {percent && <span data-percent>{ui.percent(progress)}</span>}
    </span>
  );
}

export function JobState({ ui, status }: { ui: Ui; status: JobStatus }) {
  const [tone, icon] = JOB_LOOKS[status];
  return (
    <span class={`state state--${tone}`}>
      <Icon name={icon} /> {ui.t(`job_status.${status}`)}
    </span>
  );
}

/** What went wrong with a file or with the work on it, in the reader's words. */
export function failureText(ui: Ui, code: string | null): string {
  const known: readonly string[] = [...MEDIA_FAILURES, ...JOB_FAILURES];
  return ui.t((code && known.includes(code) ? `failure.${code}` : "failure.other") as TextKey);
}

export function Ago({ ui, at }: { ui: Ui; at: string }) {
  return <time datetime={at} title={ui.dateTime(at)}>{ui.ago(at, ui.now)}</time>;
}
