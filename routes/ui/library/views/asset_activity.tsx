import type { Job } from "../../../../lib/work/jobs/schema.ts";
import type { HistoryEntry } from "../../../../lib/audit/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { actionText } from "../../audit/views/audit.tsx";
import { Changes } from "../../audit/views/changes.tsx";
import { JobAction, kindIcon, kindName } from "../../work/views/job.tsx";
import { Ago } from "../../kit/views/states.tsx";
import { failureText, JobState } from "../../work/views/job_state.tsx";
import { Icon } from "../../kit/views/icons.tsx";

interface ActivityProps {
  ui: Ui;
  jobs: Job[];
  history: HistoryEntry[];
}

/** The jobs of an asset, and who changed what of it; newest first. */
export function AssetActivity({ ui, jobs, history }: ActivityProps) {
  return (
    <div id="activity-tab">
      <Jobs ui={ui} jobs={jobs} />
      {history.length > 0 && (
        <section class="panel__section" id="history">
          <h2>{ui.t("asset.history")}</h2>
          <ul class="history">
            {history.map((entry) => (
              <li id={`change-${entry.id}`}>
                <strong dir="auto">{entry.actor_name ?? ui.t("audit.nobody")}</strong>{" "}
                {entry.by_key && <span class="quiet">{ui.t("audit.by_key")}</span>}{" "}
                {actionText(ui, entry.action)}{" "}
                <span class="quiet">
                  <Ago ui={ui} at={entry.created_at} />
                </span>
                {entry.before && entry.after && <Changes ui={ui} entry={entry} />}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Jobs({ ui, jobs }: { ui: Ui; jobs: Job[] }) {
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
              <Ago ui={ui} at={job.finished_at ?? job.started_at ?? job.created_at} />
              {job.attempts > 1 && (
                <>
                  {" · "}
                  {ui.t("jobs.attempts")}{" "}
                  {ui.t("jobs.attempt_of", { attempt: job.attempts, most: job.max_attempts })}
                </>
              )}
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
