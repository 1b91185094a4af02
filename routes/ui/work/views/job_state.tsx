import { MEDIA_FAILURES } from "../../../../lib/media/errors.ts";
import { type Job, JOB_FAILURES, type JobStatus } from "../../../../lib/work/jobs/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { type Look, State } from "../../kit/views/states.tsx";
import type { TextKey } from "../../kit/words.ts";

const LOOKS: Record<JobStatus, Look> = {
  pending: ["idle", "clock"],
  processing: ["busy", "running"],
  completed: ["ok", "check"],
  failed: ["bad", "warning"],
  cancelled: ["idle", "cancel"],
};

/** The state of a job: icon and word. */
export function JobState({ ui, status }: { ui: Ui; status: JobStatus }) {
  return <State look={LOOKS[status]}>{ui.t(`job_status.${status}`)}</State>;
}

/** Why processing failed, in the language of the reader. */
export function failureText(ui: Ui, code: string | null): string {
  const known: readonly string[] = [...MEDIA_FAILURES, ...JOB_FAILURES];
  return ui.t((code && known.includes(code) ? `failure.${code}` : "failure.other") as TextKey);
}

/** Failures of a file that another attempt may not repeat. */
const WORTH_RETRYING: readonly string[] = ["timed_out"];

/** Whether another attempt at a job may end differently: not while the file itself is at fault. */
export function mayRetry({ status, error_code }: Pick<Job, "status" | "error_code">): boolean {
  if (status !== "failed" && status !== "cancelled") return false;
  const isFault = (MEDIA_FAILURES as readonly (string | null)[]).includes(error_code);
  return error_code !== "prerequisite_failed" && (!isFault || WORTH_RETRYING.includes(error_code!));
}
