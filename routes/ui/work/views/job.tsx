import { isJobKindName, type JobKindName } from "../../../../lib/library/kinds.ts";
import type { Job } from "../../../../lib/work/jobs/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { Icon, type IconName } from "../../kit/views/icons.tsx";
import { mayRetry } from "./job_state.tsx";

/** A kind without an icon of its own gets the one of jobs. */
const KIND_ICONS: Partial<Record<JobKindName, IconName>> = {
  metadata: "search",
  thumbnail: "image",
  proxy: "video",
};

/** The icon of a kind of job. A row may be of a kind that only another version of Akashi knows. */
export function kindIcon(kind: string): IconName {
  return (isJobKindName(kind) && KIND_ICONS[kind]) || "jobs";
}

/** The name of a kind of job. A kind without its `job.<kind>` text does not compile here. */
export function kindName(ui: Ui, kind: string): string {
  return isJobKindName(kind) ? ui.t(`job.${kind}`) : kind;
}

/**
 * Retry where it can help, cancel for open jobs; nothing for roles that may not change jobs. What a job waited for is
 * retried instead of the job itself.
 */
export function JobAction({ ui, job }: { ui: Ui; job: Job }) {
  const act = isOpen(job) ? "cancel" : mayRetry(job) ? "retry" : undefined;
  if (!ui.mayEdit || !act) return null;
  return (
    <form
      method="post"
      action={`/jobs/${job.id}/${act}`}
      hx-nonce={ui.nonce}
      hx-boost='{"target":"#page","swap":"outerHTML show:none"}'
    >
      <button
        class={`button button--small ${act === "retry" ? "" : "button--bare"}`}
        id={`act-${job.id}`}
        type="submit"
        aria-label={`${ui.t(`jobs.${act}`)}: ${kindName(ui, job.job_type)}`}
      >
        <Icon name={act} /> {ui.t(`jobs.${act}`)}
      </button>
    </form>
  );
}

/** True of a job that waits or runs. */
export function isOpen({ status }: Pick<Job, "status">): boolean {
  return status === "pending" || status === "processing";
}
