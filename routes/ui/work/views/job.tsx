import { isJobKindName, type JobKindName } from "../../../../lib/library/kinds.ts";
import type { Job } from "../../../../lib/work/jobs/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { Icon, type IconName } from "../../kit/views/icons.tsx";
import { Ago } from "../../kit/views/states.tsx";
import { failureText, JobState } from "./job_state.tsx";

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

/** One job in the table. Live events update its progress; any other change fetches the row again. */
export function JobRow({ ui, job }: { ui: Ui; job: Job }) {
  return (
    <tr id={`job-${job.id}`} data-job-id={job.id} data-status={job.status}>
      <td>
        <span class="table__name">
          <Icon name={kindIcon(job.job_type)} /> {kindName(ui, job.job_type)}
        </span>
      </td>
      <td class="table__title">
        {job.asset_id
          ? (
            <a href={`/assets/${job.asset_id}?tab=activity`} title={job.asset_title ?? undefined} dir="auto">
              {job.asset_title ?? job.asset_id}
            </a>
          )
          : <span class="quiet">{ui.t("jobs.no_asset")}</span>}
        {job.status === "failed" && (
          <span class="table__note" title={job.error_message ?? undefined}>
            {failureText(ui, job.error_code)}
          </span>
        )}
      </td>
      <td class="table__state">
        <JobState ui={ui} status={job.status} />
      </td>
      <td class="table__progress">
        {job.status === "processing" && (
          <div>
            <progress
              max="100"
              value={job.progress}
              data-progress-of-job={job.id}
              aria-label={ui.t("jobs.progress")}
            />
            <span data-percent>{ui.percent(job.progress)}</span>
          </div>
        )}
      </td>
      <td class="table__attempt quiet">
        {job.attempts > 1 && ui.t("jobs.attempt_of", { attempt: job.attempts, most: job.max_attempts })}
      </td>
      <td class="table__age quiet">
        <Ago ui={ui} at={job.started_at ?? job.created_at} />
      </td>
      <td class="table__act">
        <JobAction ui={ui} job={job} />
      </td>
    </tr>
  );
}

/** Retry for failed and cancelled jobs, cancel for open ones; nothing for roles that may not change jobs. */
export function JobAction({ ui, job }: { ui: Ui; job: Job }) {
  if (!ui.mayEdit || job.status === "completed") return null;
  const again = job.status === "failed" || job.status === "cancelled";
  const act = again ? "retry" : "cancel";
  return (
    <form
      method="post"
      action={`/jobs/${job.id}/${act}`}
      hx-nonce={ui.nonce}
      hx-boost='{"target":"#page","swap":"outerHTML show:none"}'
    >
      <button
        class={`button button--small ${again ? "" : "button--bare"}`}
        id={`act-${job.id}`}
        type="submit"
      >
        <Icon name={again ? "retry" : "cancel"} /> {ui.t(`jobs.${act}`)}
      </button>
    </form>
  );
}
