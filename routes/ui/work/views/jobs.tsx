// The jobs page: filters and the table of assets with the work on them, failures first.
import { JOB_KINDS } from "../../../../lib/library/kinds.ts";
import type { JobGroup, JobGroups } from "../../../../lib/work/jobs/groups.ts";
import { JOB_STATUSES, type JobGroupInput } from "../../../../lib/work/jobs/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { Page } from "../../kit/views/frame.tsx";
import { kindName } from "./job.tsx";
import { JobGroupRow } from "./job_group.tsx";

export type JobQuery = Omit<JobGroupInput, "limit">;

interface JobsProps {
  ui: Ui;
  query: JobQuery;
  jobs: JobGroups;
}

export function JobsPage({ ui, query, jobs }: JobsProps) {
  return (
    <Page ui={ui} name="jobs">
      <div class="heading">
        <h1>{ui.t("jobs.title")}</h1>
        <div class="heading__end">
          <nav class="segments" aria-label={ui.t("jobs.state")}>
            <a
              href={jobsPath({ ...query, status: undefined })}
              aria-current={query.status ? undefined : "true"}
            >
              {ui.t("jobs.all")}
            </a>
            {JOB_STATUSES.map((status) => (
              <a
                href={jobsPath({ ...query, status })}
                aria-current={query.status === status ? "true" : undefined}
              >
                {ui.t(`job_status.${status}`)}
              </a>
            ))}
          </nav>
          <KindFilter ui={ui} query={query} />
        </div>
      </div>
      <JobList ui={ui} query={query} jobs={jobs} />
    </Page>
  );
}

/** The table, or a hint when it is empty. Fetched again as a whole when work is added or fails. */
export function JobList({ ui, query, jobs }: JobsProps) {
  const groups = [...jobs.failed, ...jobs.groups];
  return (
    <div id="job-list" data-jobs={query.cursor ? undefined : jobsPath(query, "/jobs/list")}>
      {groups.length === 0 ? <NoJobs ui={ui} /> : <JobTable ui={ui} groups={groups} />}
      {jobs.next_cursor && (
        <div class="center">
          <a class="button" href={jobsPath({ ...query, cursor: jobs.next_cursor })}>{ui.t("jobs.more")}</a>
        </div>
      )}
    </div>
  );
}

function JobTable({ ui, groups }: { ui: Ui; groups: JobGroup[] }) {
  return (
    <table class="table table--work" aria-label={ui.t("jobs.list")}>
      <thead>
        <tr>
          <th scope="col">{ui.t("jobs.asset")}</th>
          <th scope="col">{ui.t("jobs.steps")}</th>
          <th scope="col">{ui.t("jobs.created")}</th>
          <th scope="col">
            <span class="sr-only">{ui.t("jobs.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => <JobGroupRow ui={ui} group={group} />)}
      </tbody>
    </table>
  );
}

function KindFilter({ ui, query }: { ui: Ui; query: JobQuery }) {
  return (
    <form
      class="form__row"
      action="/jobs"
      method="get"
      hx-nonce={ui.nonce}
      hx-get="/jobs"
      hx-target="#page"
      hx-swap="outerHTML"
      hx-push-url="true"
      hx-trigger="change, submit"
    >
      {query.status && <input type="hidden" name="status" value={query.status} />}
      <select class="input select" id="kind" name="job_type" aria-label={ui.t("jobs.kind")}>
        <option value="">{ui.t("jobs.all_kinds")}</option>
        {JOB_KINDS.map(({ name }) => (
          <option value={name} selected={query.job_type === name}>{kindName(ui, name)}</option>
        ))}
      </select>
      <noscript>
        <button class="button" type="submit">{ui.t("library.apply")}</button>
      </noscript>
    </form>
  );
}

function NoJobs({ ui }: { ui: Ui }) {
  return (
    <div class="empty">
      <h2>{ui.t("jobs.empty_title")}</h2>
      <p>{ui.t("jobs.empty_text")}</p>
      <a class="button" href="/">{ui.t("jobs.empty_library")}</a>
    </div>
  );
}

function jobsPath(query: JobQuery, path = "/jobs"): string {
  const set = Object.entries(query).filter(([, value]) => value).map((
    [name, value],
  ) => [name, String(value)]);
  return set.length > 0 ? `${path}?${new URLSearchParams(set)}` : path;
}
