// Resumable uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload): core, creation, termination.
import type { Context } from "hono";
import { tusError } from "./reasons.ts";
import { uploadEvents } from "../../../lib/platform/observe/metrics.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { tenantCodeSchema } from "../../../lib/tenancy/tenants/schema.ts";
import { actIn } from "../../../lib/tenancy/tenants/tenants.ts";
import {
  abortUpload,
  appendToUpload,
  createUpload,
  getUpload,
} from "../../../lib/library/uploads/uploads.ts";
import { newUploadSchema, type UploadState } from "../../../lib/library/uploads/schema.ts";
import { ingestOptionsSchema } from "../../../lib/library/assets/schema.ts";
import { steadyBody } from "../../body.ts";
import type { AppEnv } from "../../env.ts";
import { parseInput } from "../../input.ts";
import { addUnparsed, idParams, OpenAPIHono, problems, route, z } from "../openapi.ts";
import { problem } from "../../problems.ts";

const VERSION = "1.0.0";
const tag = "upload";
/** Digits only, as tus writes lengths and offsets. `Number` would also accept an empty string and `0x10`. */
const count = z.string().regex(/^\d+$/, "must be a whole number").transform(Number)
  .pipe(z.number().int().max(Number.MAX_SAFE_INTEGER)).openapi({ type: "integer", minimum: 0 });
const version = z.object({ "Tus-Resumable": z.literal(VERSION) });
/** Another decision about bytes that are in already; with an empty body at the end of an upload that was refused. */
const decision = ingestOptionsSchema.pick({ duplicate_rule: true });
/** A dropped folder is hundreds of uploads of several requests each. */
const STREAMED = { rate: "none", body: "stream", time: "unbounded" } as const;
const errors = problems(400, 401, 403, 404, 409, 412, 413, 415, 422);
const answer = (description: string) => ({ description });

/** Uploads that survive a broken connection. */
export const uploads = new OpenAPIHono<AppEnv>();

/** Adds a route of the protocol: its headers are on every response, another version is 412. */
function addTus(
  described: ReturnType<typeof route>,
  handler: (c: Context<AppEnv>) => Response | Promise<Response>,
) {
  addUnparsed(uploads, described, (c) => {
    c.header("Tus-Resumable", VERSION);
    c.header("Cache-Control", "no-store");
    if (c.req.method === "OPTIONS" || c.req.header("Tus-Resumable") === VERSION) return handler(c);
    c.header("Tus-Version", VERSION);
    const detail = `Send the header Tus-Resumable: ${VERSION}.`;
    return problem(c, { status: 412, code: "precondition_failed", detail });
  });
}

addTus(
  route("options", "/", {
    who: "uploads.read",
    ...STREAMED,
    tag,
    summary: "What of tus is spoken here",
    responses: { 204: answer("See the headers"), ...problems(401) },
  }),
  (c) => {
    c.header("Tus-Version", VERSION);
    c.header("Tus-Extension", "creation,termination");
    return c.body(null, 204);
  },
);

addTus(
  route("post", "/", {
    who: "uploads.change",
    audit: { none: "its last byte makes the asset, which is recorded" },
    ...STREAMED,
    tag,
    summary: "Begin a resumable upload",
    request: { headers: version.extend({ "Upload-Length": count, "Upload-Metadata": z.string() }) },
    responses: { 201: answer("`Location` says where to send the bytes"), ...errors },
  }),
  async (c) => {
    if (c.req.header("Upload-Concat")) throw tusError("concatenation");
    const metadata = withoutBlanks(readMetadata(c.req.header("Upload-Metadata") ?? ""));
    const tenantCode = parseInput(tenantCodeSchema, metadata.tenant_code);
    const some = count.refine((bytes) => bytes > 0, "must be at least 1");
    const { "upload-length": length } = parseInput(z.object({ "upload-length": some }), c.req.header());
    const state = await createUpload(
      await actIn(c.var.ctx, tenantCode),
      parseInput(newUploadSchema, {
        filename: metadata.filename ?? metadata.name,
        content_type: metadata.filetype ?? metadata.type ?? null,
        total_bytes: length,
        options: parseInput(ingestOptionsSchema, metadata),
      }),
    );
    // A client sends the bytes to this URL and repeats no other parameter.
    const named = tenantCode ?? c.req.query("tenant_code");
    const query = named ? `?${new URLSearchParams({ tenant_code: named })}` : "";
    c.header("Location", `/api/v1/uploads/${state.id}${query}`);
    return answerState(c, state, 201);
  },
);

// Hono answers HEAD with the GET handler.
addTus(
  route("head", "/{id}", {
    who: "uploads.read",
    ...STREAMED,
    tag,
    summary: "How far an upload is",
    request: { params: idParams, headers: version },
    responses: { 200: answer("`Upload-Offset` of `Upload-Length` bytes are in"), ...errors },
  }),
  (c) => {
    if (c.req.method !== "HEAD") throw tusError("head_required");
    return tell(c);
  },
);
addTus(
  route("patch", "/{id}", {
    who: "uploads.change",
    audit: ["asset.create"],
    ...STREAMED,
    tag,
    summary: "Append bytes; the last one makes the asset",
    request: {
      params: idParams,
      query: decision,
      headers: version.extend({ "Upload-Offset": count }),
      body: {
        content: { "application/offset+octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
      },
    },
    responses: { 204: answer("`Upload-Offset` bytes are in; `Akashi-Asset-Id` when all are"), ...errors },
  }),
  append,
);
addTus(
  route("delete", "/{id}", {
    who: "uploads.change",
    audit: { none: "it was no asset yet" },
    ...STREAMED,
    tag,
    summary: "End an upload and forget its bytes",
    request: { params: idParams, headers: version },
    responses: { 204: answer("Gone"), ...errors },
  }),
  end,
);
addTus(
  route("post", "/{id}", {
    who: "uploads.change",
    audit: ["asset.create"],
    ...STREAMED,
    tag,
    summary: "What X-HTTP-Method-Override names, for clients behind proxies that pass GET and POST alone",
    request: {
      params: idParams,
      headers: version.extend({ "X-HTTP-Method-Override": z.enum(["PATCH", "HEAD", "DELETE"]) }),
      body: {
        content: { "application/offset+octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
      },
    },
    responses: { 200: answer("As HEAD answers"), 204: answer("As PATCH or DELETE answers"), ...errors },
  }),
  (c) => {
    const method = c.req.header("X-HTTP-Method-Override")?.toUpperCase();
    if (method === "PATCH") return append(c);
    if (method === "HEAD") return tell(c);
    if (method === "DELETE") return end(c);
    throw tusError("method_unknown");
  },
);

async function tell(c: Context<AppEnv>): Promise<Response> {
  const state = await getUpload(c.var.ctx, readId(c));
  // A client that resumes an upload asks for its offset first (tus 1.0, core protocol).
  uploadEvents.inc({ way: "resumable", event: "resumed" });
  return answerState(c, state, 200);
}

async function append(c: Context<AppEnv>): Promise<Response> {
  const [type] = (c.req.header("Content-Type") ?? "").split(";");
  if (type!.trim().toLowerCase() !== "application/offset+octet-stream") {
    throw tusError("unsupported_content_type");
  }
  const { "upload-offset": offset } = parseInput(z.object({ "upload-offset": count }), c.req.header());
  // Not an AppError: the bytes that arrived are kept, as when the connection breaks.
  const body = steadyBody(c, (seconds) => new Error(`no byte for ${seconds} s`));
  const { duplicate_rule } = parseInput(decision, c.req.query());
  return answerState(c, await appendToUpload(c.var.ctx, readId(c), offset, body, duplicate_rule), 204);
}

async function end(c: Context<AppEnv>): Promise<Response> {
  await abortUpload(c.var.ctx, readId(c));
  return c.body(null, 204);
}

function readId(c: Context<AppEnv>): string {
  return parseInput(idParams, c.req.param()).id;
}

function answerState(c: Context<AppEnv>, state: UploadState, status: 200 | 201 | 204): Response {
  c.header("Upload-Offset", String(state.received_bytes));
  c.header("Upload-Length", String(state.total_bytes));
  c.header("Upload-Expires", new Date(state.expires_at).toUTCString());
  if (state.asset_id) c.header("Akashi-Asset-Id", state.asset_id);
  if (state.duplicate_of) c.header("Akashi-Duplicate-Of", state.duplicate_of);
  return c.body(null, status as 204);
}

/** Parses tus metadata, such as `filename d29ybGQ=,flag`: names, each with base64 of UTF-8 text. */
function readMetadata(header: string): Record<string, string> {
  return Object.fromEntries(
    header.split(",").map((pair) => pair.trim().split(/\s+/)).filter(([name]) => name).map((
      [name, value],
    ) => [
      name!,
      decode(value ?? ""),
    ]),
  );
}

function decode(value: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.fromBase64(value));
  } catch {
    throw tusError("invalid_metadata");
  }
}
