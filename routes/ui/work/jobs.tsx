// The jobs: list, one row, retry and cancel.
import type { Hono } from "hono";
import { cancelWork, retryWork } from "../../../lib/library/assets/job_actions.ts";
import { getJob, listJobPage } from "../../../lib/work/jobs/jobs.ts";
import { jobPageSchema } from "../../../lib/work/jobs/schema.ts";
import { uuidSchema } from "../../../lib/platform/ids.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import type { AppEnv } from "../../env.ts";
import { flash } from "../kit/flash.tsx";
import { parse } from "../kit/form.ts";
import { goTo, pathBefore, renderPage, renderPart, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { JobRow } from "./views/job.tsx";
import { JobList, JobsPage } from "./views/jobs.tsx";

const querySchema = jobPageSchema.pick({ status: true, job_type: true, cursor: true });
const ROWS = 50;

export function addJobs(app: Hono<AppEnv>): void {
  app.get("/jobs", async (c) => {
    const { query, jobs } = await list(c);
    const ui = uiOf(c);
    return await renderPage(c, ui.t("jobs.title"), <JobsPage ui={ui} query={query} jobs={jobs} />);
  });

  app.get("/jobs/list", async (c) => {
    const { query, jobs } = await list(c);
    return renderPart(c, <JobList ui={uiOf(c)} query={query} jobs={jobs} />);
  });

  app.get("/jobs/:id/row", async (c) => {
    const job = await getJob(c.var.ctx, parse(uuidSchema, c.req.param("id")));
    return renderPart(c, <JobRow ui={uiOf(c)} job={job} />);
  });

  app.post("/jobs/:id/retry", async (c) => {
    await retryWork(c.var.ctx, parse(uuidSchema, c.req.param("id")));
    flash(c, { text: "jobs.retried" });
    return goTo(c, pathBefore(c, "/jobs"));
  });

  app.post("/jobs/:id/cancel", async (c) => {
    await cancelWork(c.var.ctx, parse(uuidSchema, c.req.param("id")));
    flash(c, { text: "jobs.cancelled" });
    return goTo(c, pathBefore(c, "/jobs"));
  });
}

async function list(c: UiContext) {
  const query = parse(querySchema, withoutBlanks(c.req.query()));
  const jobs = await listJobPage(c.var.ctx, { ...query, page: 1, page_size: ROWS });
  return { query, jobs };
}
