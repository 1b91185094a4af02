import {
  AUDIT_COLUMNS,
  auditEntrySchema,
  auditExportSchema,
  auditFilterSchema,
} from "../../../lib/audit/schema.ts";
import { exportAuditEntries, listAuditEntries } from "../../../lib/audit/reading.ts";
import type { AppEnv } from "../../env.ts";
import { streamCsv } from "../../csv.ts";
import { answers, OpenAPIHono, pageOf, problems, route, z } from "../openapi.ts";

const tag = "audit";
const page = pageOf(auditEntrySchema.meta({ id: "AuditEntry" }), "AuditPage");

/** The audit log, for administrators. */
export const audit = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "audit.read",
      tag,
      summary: "List what was done, newest first",
      request: { query: auditFilterSchema },
      responses: { 200: answers(page, "One page"), ...problems(401, 403, 422) },
    }),
    async (c) => c.json(await listAuditEntries(c.var.ctx, c.req.valid("query")), 200),
  )
  .openapi(
    route("get", "/export", {
      who: "audit.read",
      audit: ["audit.export"],
      tag,
      summary: "The same as CSV, all of it",
      request: { query: auditExportSchema },
      responses: {
        200: { description: "One line an entry", content: { "text/csv": { schema: z.string() } } },
        ...problems(401, 403, 422),
      },
    }),
    async (c) => {
      const rows = await exportAuditEntries(c.var.ctx, c.req.valid("query"));
      return streamCsv(c, "audit.csv", AUDIT_COLUMNS, rows) as never;
    },
  );
