// Multipart forms, read as a stream: fields are collected, the one file is passed on while it arrives. `formData()`
// would buffer all of it in memory.
import busboy from "busboy";
import type { Context } from "hono";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { filenameSchema } from "../../../lib/library/assets/filenames.ts";
import { AppError } from "../../../lib/platform/errors.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { steadyBody } from "../../body.ts";
import type { AppEnv } from "../../env.ts";
import { formError } from "./reasons.ts";

type Fields = Record<string, string>;

/** The one file of a form, with what is known before its last byte. */
export interface FormFile {
  filename: string;
  declaredType: string;
  body: ReadableStream<Uint8Array>;
  /** A lower bound of its length in bytes, from the length of the whole form. */
  leastBytes: number;
  /** Fields that precede the file. */
  fieldsBefore: Fields;
  /** Names of other parts that are files and were left out; complete at the end of the form. */
  leftOut: string[];
  /** All fields; resolves at the end of the form, throws `bad_request` when it breaks off. */
  fields: () => Promise<Fields>;
}

// Measured: below 1 MiB the overhead between streams costs more than copying the bytes.
const WATER_MARK = 1024 * 1024;
const FORM_ERROR_MS = 1_000;
/** The limit of busboy for the headers of one part. */
const PART_HEAD_BYTES = 16 * 1024;
const LIMITS = { fieldNameSize: 200, headerPairs: 50 };

/**
 * Reads a form and passes its file to `take` while it streams. Throws `unsupported` for another media type,
 * `bad_request` for a form that is cut or malformed, `invalid` when it has no file under `file`.
 */
export async function receiveForm<T>(c: Context<AppEnv>, take: (file: FormFile) => Promise<T>): Promise<T> {
  const form = openForm(c);
  const { file, fields } = parseForm(form, c.var.platform.config.MAX_MULTIPART_FIELD_BYTES);
  const source = feed(c, form);
  try {
    const { stream, ...arriving } = await file;
    const leastBytes = Number(c.req.header("Content-Length") ?? 0) - mostBesideFile(c);
    return await take({ ...arriving, leastBytes, fields: () => fields }).catch(async (error) => {
      stream.resume();
      // The stream of the file reports a cut form first; the error of the form says more, and follows soon or never.
      if (!(error instanceof AppError)) await Promise.race([fields, pause(FORM_ERROR_MS)]);
      throw error;
    });
  } finally {
    source.destroy();
    form.destroy();
  }
}

interface ArrivingFile
  extends Pick<FormFile, "filename" | "declaredType" | "body" | "fieldsBefore" | "leftOut"> {
  stream: Readable;
}

/** The file of a form, as soon as it begins, and all fields, at the end. Other files may have `most` bytes each. */
function parseForm(
  form: busboy.Busboy,
  most: number,
): { file: Promise<ArrivingFile>; fields: Promise<Fields> } {
  const collected: Fields = {};
  const leftOut: string[] = [];
  let hasFile = false;
  const file = Promise.withResolvers<ArrivingFile>();
  const fields = Promise.withResolvers<Fields>();
  // Only the first call settles a promise: once the file has begun, a failure concerns the fields alone.
  const fail = (error: AppError) => {
    file.reject(error);
    fields.reject(error);
  };
  fields.promise.catch(() => {});
  form.on("field", (name, value, { nameTruncated, valueTruncated }) => {
    if (nameTruncated || valueTruncated) fields.reject(formError("field_too_long", {}, { field: name }));
    for (const text of [name, value]) {
      if (isMangled(text)) fail(formError("not_utf8", { part: "field", name }));
    }
    collected[name] = value;
  });
  form.on("file", (name, stream, { filename: sent, mimeType }) => {
    stream.on("error", () => {});
    // Browsers send an empty file input as a part without a name.
    if (name !== "file" || !sent || hasFile) {
      const refuse = () => fields.reject(formError("too_many_files"));
      leaveOut(stream, most, refuse);
      if (name === "file" && sent) refuse();
      if (sent) leftOut.push(name);
      return;
    }
    hasFile = true;
    const { data: filename, error } = filenameSchema.safeParse(decodeQuotes(sent));
    if (error || isMangled(sent)) {
      stream.resume();
      if (!error) return fail(formError("not_utf8", { part: "file name", name: sent }));
      return file.reject(formError("invalid_filename", { problem: error.issues[0]!.message }));
    }
    const body = Readable.toWeb(stream, {
      strategy: { highWaterMark: WATER_MARK, size: byteLength },
    }) as ReadableStream<Uint8Array>;
    const fieldsBefore = withoutBlanks(collected);
    file.resolve({ filename, declaredType: mimeType, body, fieldsBefore, leftOut, stream });
  });
  form.on("partsLimit", () => fail(formError("too_many_parts")));
  form.on("error", (error) => fail(broken(error)));
  form.on("close", () => {
    fields.resolve(withoutBlanks(collected));
    file.reject(formError("no_file"));
  });
  return { file: file.promise, fields: fields.promise };
}

/** Reads a part that is not taken; calls `refuse` when it is too large to be passed over. */
function leaveOut(stream: Readable, most: number, refuse: () => void): void {
  let bytes = 0;
  stream.on("data", (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > most) refuse();
  });
}

/** True for text with the character that replaces bytes which are not UTF-8: the loss would be stored. */
function isMangled(text: string): boolean {
  return text.includes("\uFFFD");
}

/** A file name without the escapes of browsers (HTML, "multipart/form-data encoding algorithm"). */
function decodeQuotes(filename: string): string {
  return filename.replaceAll("%22", '"').replaceAll(/%0d%0a|%0a|%0d/gi, "\n");
}

/** An upper bound in bytes of a form without its file. */
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
      preservePath: true,
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
  return formError("malformed", {}, { cause });
}
