import type { Context } from "hono";
import { filenameSchema } from "../../../lib/library/assets/filenames.ts";
import { ingest, type Ingested } from "../../../lib/library/assets/ingest.ts";
import type { IncomingFile } from "../../../lib/library/assets/receive.ts";
import { ingestOptionsSchema } from "../../../lib/library/assets/schema.ts";
import { jobAnswerSchema } from "../work/job_schema.ts";
import { formError, rawError } from "./reasons.ts";
import { text, withoutBlanks } from "../../../lib/platform/text.ts";
import { tenantCodeSchema } from "../../../lib/tenancy/tenants/schema.ts";
import { actIn } from "../../../lib/tenancy/tenants/tenants.ts";
import { steadyBody } from "../../body.ts";
import type { AppEnv } from "../../env.ts";
import { parseInput } from "../../input.ts";
import { receiveForm } from "./multipart.ts";
import { addUnparsed, answers, COMMON, OpenAPIHono, problems, route, z } from "../openapi.ts";

const tag = "upload";
const formFields = ingestOptionsSchema.extend({ tenant_code: tenantCodeSchema });

const ingestedSchema = z.object({
  asset_id: z.uuid(),
  status: z.string(),
  message: z.string(),
  jobs: z.array(jobAnswerSchema),
  duplicate_of: z.uuid().nullable(),
}).meta({ id: "Ingested" });

const responses = {
  200: answers(ingestedSchema, "The same bytes are in: the asset that has them, and nothing was added"),
  201: answers(ingestedSchema, "It is in, and work on it begins"),
  ...problems(...COMMON, 404, 409),
};

/** Ingest in one request, as a form or as a raw body. Both are streamed. */
export const ingestion = new OpenAPIHono<AppEnv>();

addUnparsed(
  ingestion,
  route("post", "/", {
    who: "assets.change",
    audit: ["asset.create"],
    body: "stream",
    time: "unbounded",
    tag,
    summary: "Bring a file in by a multipart form",
    responses,
    request: {
      body: {
        required: true,
        content: {
          "multipart/form-data": {
            schema: formFields.extend({ file: z.string().openapi({ format: "binary" }) }),
          },
        },
      },
    },
  }),
  async (c) => {
    const ingested = await receiveForm(c, async (file) => {
      const { tenant_code } = parseInput(formFields, file.fieldsBefore);
      const ctx = await actIn(c.var.ctx, tenant_code);
      const ingested = await ingest(ctx, file, async () => {
        const fields = parseInput(formFields, await file.fields());
        if (fields.tenant_code !== tenant_code) await requireOwnTenant(c, fields.tenant_code);
        return fields;
      });
      return { ...ingested, leftOut: file.leftOut };
    });
    return answerIngested(c, ingested);
  },
);

addUnparsed(
  ingestion,
  route("put", "/{filename}", {
    who: "assets.change",
    audit: ["asset.create"],
    body: "stream",
    time: "unbounded",
    tag,
    summary: "Bring a file in as the raw body",
    responses,
    request: {
      params: z.object({ filename: text(500).min(1) }),
      query: formFields,
      body: {
        required: true,
        content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
      },
    },
  }),
  async (c) => {
    if (isForm(c.req.header("Content-Type"))) throw rawError("is_form");
    const { filename } = parseInput(z.object({ filename: filenameSchema }), c.req.param());
    const options = parseInput(formFields, withoutBlanks(c.req.query()));
    return answerIngested(c, await ingest(c.var.ctx, rawFile(c, filename), () => options));
  },
);

/** True for the media type of a form, whose envelope would be kept as if it were the file. */
function isForm(contentType = ""): boolean {
  return /^\s*(multipart\/|application\/x-www-form-urlencoded\s*(;|$))/i.test(contentType);
}

function rawFile(c: Context<AppEnv>, filename: string): IncomingFile {
  const length = c.req.header("Content-Length") ?? null;
  return {
    filename,
    declaredType: c.req.header("Content-Type") ?? null,
    body: steadyBody(c),
    contentLength: length === null ? undefined : Number(length),
  };
}

/** The tenant is part of the object's key: to act in another one, its code must precede the file. */
export async function requireOwnTenant(
  c: Context<AppEnv>,
  tenantCode: string | null | undefined,
): Promise<void> {
  const ctx = await actIn(c.var.ctx, tenantCode);
  if (ctx === c.var.ctx) return;
  throw formError("tenant_after_file", {}, {
    fields: [{ path: "tenant_code", message: "must stand before the file" }],
  });
}

/** What came of an ingest, and the other files of its form, which are not taken. */
type Answered = Ingested & { leftOut?: string[] };

function answerIngested(c: Context<AppEnv>, ingested: Answered): Response {
  const { assetId, status, jobs, duplicateOf, isNew } = ingested;
  const message = messageOf(ingested);
  return c.json({ asset_id: assetId, status, message, jobs, duplicate_of: duplicateOf }, isNew ? 201 : 200);
}

function messageOf({ duplicateOf, isNew, corrections, leftOut = [] }: Answered): string {
  const parts = isNew ? ["File received"] : ["Nothing was added or changed"];
  if (duplicateOf) parts.push("the same bytes are in already");
  for (const { declared, actual } of corrections) {
    parts.push(`by its content it is ${actual}, not ${declared}`);
  }
  for (const name of leftOut) parts.push(`the file ${name} was left out: only the one named file is taken`);
  return parts.join("; ");
}
