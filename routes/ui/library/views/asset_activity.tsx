import type { Job } from "../../../../lib/work/jobs/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { JobAction, kindIcon, kindName } from "../../work/views/job.tsx";
import { Ago } from "../../kit/views/states.tsx";
import { failureText, JobState } from "../../work/views/job_state.tsx";
import { Icon } from "../../kit/views/icons.tsx";

/** The jobs of an asset, newest first. */
export function AssetActivity({ ui, jobs }: { ui: Ui; jobs: Job[] }) {
  if (jobs.length === 0) return <section class="panel__section quiet">{ui.t("jobs.for_asset_none")}</section>;
  return (
    <ul id="activity-list">
      {jobs.map((job) => (
        <li class="panel__section" id={`run-${job.id}`}>
          <div class="run">
            <Icon name={kindIcon(job.job_type)} />
            <strong>{kindName(ui, job.job_type)}</strong>
            <JobState ui={ui} status={job.status} />
            <p class="run__note">
              <Ago ui={ui} at={job.finished_at ?? job.started_at ?? job.created_at} /> ·{" "}
              {ui.t("jobs.attempts")}{" "}
              {ui.t("jobs.attempt_of", { attempt: Math.max(1, job.attempts), most: job.max_attempts })}
            </p>
            {job.status === "failed" && <p class="run__note">{failureText(ui, job.error_code)}</p>}
            {job.status === "processing" && (
              <progress
                max="100"
                value={job.progress}
                data-progress-of-job={job.id}
                aria-label={ui.t("jobs.progress")}
              />
            )}
          </div>
          <JobAction ui={ui} job={job} />
        </li>
      ))}
    </ul>
  );
}
