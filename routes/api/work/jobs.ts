import { cancelWork, retryWork, runPendingNow } from "../../../lib/library/assets/job_actions.ts";
import { getJob, listJobs } from "../../../lib/work/jobs/jobs.ts";
import { processPendingSchema } from "../../../lib/work/jobs/schema.ts";
import type { AppEnv } from "../../env.ts";
import { jobAnswerSchema, jobQuerySchema } from "./job_schema.ts";
import { answers, COMMON, idParams, OpenAPIHono, problems, route, z } from "../openapi.ts";

const tag = "jobs";
const processed = z.object({
  processed: z.number().int(),
  message: z.string(),
  jobs: z.array(jobAnswerSchema),
});

const retried = jobAnswerSchema.extend({ message: z.string() }).meta({ id: "JobRetried" });

/** Work on media: what runs, what failed, and doing it again. */
export const jobs = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "jobs.read",
      tag,
      summary: "List jobs, newest first",
      request: { query: jobQuerySchema },
      responses: { 200: answers(z.array(jobAnswerSchema), "Jobs"), ...problems(401, 403, 422) },
    }),
    async (c) => c.json(await listJobs(c.var.ctx, c.req.valid("query")), 200),
  )
  .openapi(
    route("post", "/process-pending", {
      who: "jobs.run_now",
      audit: ["job.run_now"],
      tag,
      summary: "Make waiting jobs due at once; `sync` waits for them",
      request: { query: processPendingSchema },
      responses: { 200: answers(processed, "What became of them"), ...problems(...COMMON) },
    }),
    async (c) => c.json(await runPendingNow(c.var.ctx, c.req.valid("query")), 200),
  )
  .openapi(
    route("get", "/{id}", {
      who: "jobs.read",
      tag,
      summary: "Read a job",
      request: { params: idParams },
      responses: { 200: answers(jobAnswerSchema, "The job"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => c.json(await getJob(c.var.ctx, c.req.valid("param").id), 200),
  )
  .openapi(
    route("post", "/{id}/retry", {
      who: "jobs.change",
      audit: ["job.retry"],
      tag,
      summary: "Do a failed or cancelled job again",
      request: { params: idParams },
      responses: { 200: answers(retried, "The job"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => {
      const job = await retryWork(c.var.ctx, c.req.valid("param").id);
      return c.json({ ...job, message: "Job queued again" }, 200);
    },
  )
  .openapi(
    route("post", "/{id}/cancel", {
      who: "jobs.change",
      audit: ["job.cancel"],
      tag,
      summary: "Stop a job that waits or runs",
      request: { params: idParams },
      responses: { 200: answers(jobAnswerSchema, "The job"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => c.json(await cancelWork(c.var.ctx, c.req.valid("param").id), 200),
  );
