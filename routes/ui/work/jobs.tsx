// The jobs page, its fragments, and retry and cancel.
import type { Routes } from "../../declare.ts";
import { z } from "zod";
import { JOB_TYPES } from "../../../lib/library/kinds.ts";
import { cancelAllWork, cancelWork, retryWork } from "../../../lib/library/assets/job_actions.ts";
import { getJobGroup, listJobGroups } from "../../../lib/work/jobs/groups.ts";
import { JOB_STATUSES } from "../../../lib/work/jobs/schema.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { defineNotice, flash } from "../kit/flash.tsx";
import { idOf, parse } from "../kit/form.ts";
import { countActivity, goTo, pathBefore, renderPage, renderPart, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { Activity } from "../kit/views/activity.tsx";
import { JobGroupRow } from "./views/job_group.tsx";
import { JobList, JobsPage } from "./views/jobs.tsx";

const querySchema = z.object({
  status: z.enum(JOB_STATUSES).optional(),
  job_type: z.enum(JOB_TYPES).optional(),
  cursor: z.string().min(1).max(200).optional(),
});
const ROWS = 50;

const RETRIED = defineNotice("jobs.retried");
const CANCELLED = defineNotice("jobs.cancelled");
const ALL_CANCELLED = defineNotice("jobs.all_cancelled");

export function addJobs(pages: Routes): void {
  pages.get("/jobs", { who: "jobs.read" }, async (c) => {
    const { query, jobs } = await list(c);
    const ui = uiOf(c);
    return await renderPage(c, ui.t("jobs.title"), <JobsPage ui={ui} query={query} jobs={jobs} />);
  });

  pages.get("/jobs/list", { who: "jobs.read" }, async (c) => {
    const { query, jobs } = await list(c);
    return renderPart(c, <JobList ui={uiOf(c)} query={query} jobs={jobs} />);
  });

  pages.get("/activity", { who: "jobs.read", rate: "media" }, async (c) => {
    return renderPart(c, <Activity ui={uiOf(c)} jobs={await countActivity(c)} />);
  });

  pages.get("/jobs/:id/row", { who: "jobs.read", rate: "media" }, async (c) => {
    const group = await getJobGroup(c.var.ctx, idOf(c));
    return renderPart(c, <JobGroupRow ui={uiOf(c)} group={group} />);
  });

  pages.post("/jobs/:id/retry", { who: "jobs.change", audit: ["job.retry"] }, async (c) => {
    await retryWork(c.var.ctx, idOf(c));
    flash(c, RETRIED);
    return goTo(c, pathBefore(c, "/jobs"));
  });

  pages.post("/jobs/:id/cancel", { who: "jobs.change", audit: ["job.cancel"] }, async (c) => {
    await cancelWork(c.var.ctx, idOf(c));
    flash(c, CANCELLED);
    return goTo(c, pathBefore(c, "/jobs"));
  });

  pages.post("/jobs/:id/cancel-all", { who: "jobs.change", audit: ["job.cancel"] }, async (c) => {
    await cancelAllWork(c.var.ctx, idOf(c));
    flash(c, ALL_CANCELLED);
    return goTo(c, pathBefore(c, "/jobs"));
  });
}

async function list(c: UiContext) {
  const query = parse(querySchema, withoutBlanks(c.req.query()));
  const jobs = await listJobGroups(c.var.ctx, { ...query, limit: ROWS });
  return { query, jobs };
}
