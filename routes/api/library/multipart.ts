// Multipart forms as a stream: fields are collected, the one file flows on while it arrives. Never `formData()`.
import busboy from "busboy";
import type { Context } from "hono";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "../../../lib/platform/errors.ts";
import { formError } from "./reasons.ts";
import { text, withoutBlanks } from "../../../lib/platform/text.ts";
import { steadyBody } from "../../body.ts";
import type { AppEnv } from "../../env.ts";

/** The one file of a form, as far as it is known before its bytes. */
export interface FormFile {
  filename: string;
  declaredType: string;
  body: ReadableStream<Uint8Array>;
  /** So many bytes it has at the least, by the length of the whole form. */
  leastBytes: number;
  /** Fields that stood before the file. */
  fieldsBefore: Record<string, string>;
  /** Fields of the whole form; resolves at its end, throws `bad_request` when it breaks off. */
  fields: () => Promise<Record<string, string>>;
}

// Measured: below 1 MiB the hops between streams cost more than the bytes.
const WATER_MARK = 1024 * 1024;
const FORM_WORDS_MS = 1_000;
const filenameSchema = text(500).min(1);
/** What busboy lets the head of one part have. */
const PART_HEAD_BYTES = 16 * 1024;
const LIMITS = { files: 1, fieldNameSize: 200, headerPairs: 50 };

/**
 * Reads a form and hands its file to `take` while it streams. Throws `unsupported` for another media type,
 * `bad_request` for a form that is cut or malformed, `invalid` when it has no file under `file`.
 */
export async function receiveForm<T>(c: Context<AppEnv>, take: (file: FormFile) => Promise<T>): Promise<T> {
  const form = openForm(c);
  const fields: Record<string, string> = {};
  const ended = Promise.withResolvers<Record<string, string>>();
  const taken = Promise.withResolvers<T>();
  let hasFile = false;
  ended.promise.catch(() => {});

  form.on("field", (name, value, info) => {
    if (info.nameTruncated || info.valueTruncated) {
      ended.reject(formError("field_too_long", {}, { field: name }));
    }
    fields[name] = value;
  });
  form.on("file", (name, stream, info) => {
    if (name !== "file" || !info.filename) return void stream.resume();
    hasFile = true;
    stream.on("error", () => {});
    const named = filenameSchema.safeParse(info.filename);
    if (!named.success) {
      stream.resume();
      return taken.reject(formError("bad_filename", { problem: named.error.issues[0]!.message }));
    }
    take({
      filename: info.filename,
      declaredType: info.mimeType,
      body: Readable.toWeb(stream, {
        strategy: { highWaterMark: WATER_MARK, size: byteLength },
      }) as ReadableStream<Uint8Array>,
      leastBytes: Number(c.req.header("Content-Length") ?? 0) - mostBesideFile(c),
      fieldsBefore: withoutBlanks(fields),
      fields: () => ended.promise,
    }).then(taken.resolve, (error) => {
      stream.resume();
      taken.reject(error);
    });
  });
  form.on("filesLimit", () => ended.reject(formError("several_files")));
  form.on("partsLimit", () => {
    const crowded = formError("too_many_parts");
    ended.reject(crowded);
    if (!hasFile) taken.reject(crowded);
  });
  form.on("error", (error) => {
    ended.reject(broken(error));
    if (!hasFile) taken.reject(broken(error));
  });
  form.on("close", () => {
    ended.resolve(withoutBlanks(fields));
    if (!hasFile) taken.reject(formError("no_file"));
  });

  const source = feed(c, form);
  try {
    return await taken.promise;
  } catch (error) {
    // A cut form shows first at the file's stream; the form knows the better words, and tells them soon or never.
    if (!(error instanceof AppError)) await Promise.race([ended.promise, pause(FORM_WORDS_MS)]);
    throw error;
  } finally {
    source.destroy();
    form.destroy();
  }
}

/** Everything in a form but its file has so many bytes at most. */
function mostBesideFile(c: Context<AppEnv>): number {
  const { MAX_MULTIPART_PARTS, MAX_MULTIPART_FIELD_BYTES } = c.var.platform.config;
  return MAX_MULTIPART_PARTS * (MAX_MULTIPART_FIELD_BYTES + PART_HEAD_BYTES);
}

function openForm(c: Context<AppEnv>): busboy.Busboy {
  const contentType = c.req.header("Content-Type") ?? "";
  const { MAX_MULTIPART_PARTS, MAX_MULTIPART_FIELD_BYTES } = c.var.platform.config;
  if (!/^multipart\/form-data\b/i.test(contentType)) throw formError("not_multipart");
  try {
    return busboy({
      headers: { "content-type": contentType },
      defParamCharset: "utf8",
      highWaterMark: WATER_MARK,
      fileHwm: WATER_MARK,
      limits: { ...LIMITS, parts: MAX_MULTIPART_PARTS, fieldSize: MAX_MULTIPART_FIELD_BYTES },
    });
  } catch (error) {
    throw broken(error);
  }
}

function feed(c: Context<AppEnv>, form: busboy.Busboy): Readable {
  const source = Readable.fromWeb(steadyBody(c) as never, { highWaterMark: WATER_MARK });
  source.on("error", (error) => form.destroy(error));
  source.pipe(form);
  return source;
}

function byteLength(chunk: ArrayBufferView): number {
  return chunk.byteLength;
}

function broken(cause: unknown): AppError {
  return formError("broken", {}, { cause });
}
