// A row of the jobs page: an asset with the steps of the work on it.
import type { JobGroup } from "../../../../lib/work/jobs/groups.ts";
import type { Job } from "../../../../lib/work/jobs/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { Cut } from "../../kit/views/cut.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { Ago, State } from "../../kit/views/states.tsx";
import { isOpen, JobAction, kindIcon, kindName } from "./job.tsx";
import { failureText, JobState } from "./job_state.tsx";

/** The row of an asset. Live events update its progress bars; any other change fetches the row again. */
export function JobGroupRow({ ui, group }: { ui: Ui; group: JobGroup }) {
  const { asset_id, jobs } = group;
  return (
    <tr id={`work-${asset_id ?? jobs[0]!.id}`} data-state={stateOf(group)}>
      <td class="table__title">
        <GroupTitle ui={ui} group={group} />
      </td>
      <td>
        <ul class="steps">{jobs.map((job) => <Step ui={ui} job={job} inTrash={group.in_trash} />)}</ul>
      </td>
      <td class="table__age quiet">
        <Ago ui={ui} at={jobs.at(-1)!.created_at} />
      </td>
      <td class="table__act">
        <CancelAll ui={ui} group={group} />
      </td>
    </tr>
  );
}

function GroupTitle({ ui, group: { asset_id, asset_title, in_trash } }: { ui: Ui; group: JobGroup }) {
  if (!asset_id) return <span class="quiet">{ui.t("jobs.no_asset")}</span>;
  const title = asset_title ?? asset_id;
  return (
    <>
      <a href={`/assets/${asset_id}?tab=activity`} title={title} aria-label={title}>
        <Cut text={title} />
      </a>
      {in_trash && <span class="table__sub">{ui.t("jobs.in_trash")}</span>}
    </>
  );
}

/** One job. What needs attention gets a line of its own, with the whole reason and what can be done. */
function Step({ ui, job, inTrash }: { ui: Ui; job: Job; inTrash: boolean }) {
  const note = job.status === "failed" && failureText(ui, job.error_code);
  const unstarted = job.error_code === "prerequisite_failed";
  return (
    <li
      class={note ? "step step--line" : "step"}
      data-status={job.status}
      title={unstarted ? failureText(ui, job.error_code) : undefined}
    >
      <span class="step__name">
        <Icon name={kindIcon(job.job_type)} /> {kindName(ui, job.job_type)}
      </span>
      {unstarted
        ? <State look={["idle", "cancel"]}>{ui.t("jobs.unstarted")}</State>
        : <JobState ui={ui} status={job.status} />}
      {job.status === "processing" && <Progress ui={ui} job={job} />}
      {isOpen(job) && job.attempts > 1 && (
        <span class="quiet">
          {ui.t("jobs.attempts")} {ui.t("jobs.attempt_of", { attempt: job.attempts, most: job.max_attempts })}
        </span>
      )}
      {note && <span class="step__note">{note}</span>}
      {!inTrash && !isOpen(job) && <JobAction ui={ui} job={job} />}
    </li>
  );
}

function CancelAll({ ui, group: { jobs, asset_title } }: { ui: Ui; group: JobGroup }) {
  const open = jobs.find(isOpen);
  if (!open || !ui.mayEdit) return null;
  return (
    <form
      method="post"
      action={`/jobs/${open.id}/cancel-all`}
      hx-nonce={ui.nonce}
      hx-boost='{"target":"#page","swap":"outerHTML show:none"}'
    >
      <button class="button button--small button--bare" id={`act-${open.id}`} type="submit">
        {ui.t("jobs.cancel")} <span class="sr-only">{asset_title}</span>
      </button>
    </form>
  );
}

function Progress({ ui, job }: { ui: Ui; job: Job }) {
  const label = `${kindName(ui, job.job_type)}: ${ui.t("jobs.progress")}`;
  return (
    <span class="step__progress">
      <progress max="100" value={job.progress} data-progress-of-job={job.id} aria-label={label} />
      <span data-percent>{ui.percent(job.progress)}</span>
    </span>
  );
}

function stateOf({ jobs }: JobGroup): "failed" | "open" | "done" {
  if (jobs.some(({ status }) => status === "failed")) return "failed";
  return jobs.some(isOpen) ? "open" : "done";
}
