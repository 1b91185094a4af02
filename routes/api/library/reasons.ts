import { defineReasons } from "../../../lib/platform/errors.ts";

/** Why a form with a file is refused. */
export const formError = defineReasons("form", {
  not_multipart: { code: "unsupported", detail: "Send this as multipart/form-data." },
  malformed: {
    code: "bad_request",
    detail: "This multipart form is cut off or malformed. Nothing of it was kept; send it again.",
  },
  too_many_parts: { code: "bad_request", detail: "This form has too many parts." },
  not_utf8: {
    code: "bad_request",
    detail: "The {part} {name} of this form is not UTF-8. Send the form in that encoding.",
  },
  field_too_long: { code: "invalid", detail: "This field is too long." },
  no_file: { code: "invalid", detail: "This form has no file under the name file.", field: "file" },
  too_many_files: { code: "invalid", detail: "Send one file at a time, under the name file.", field: "file" },
  invalid_filename: { code: "invalid", detail: "File name: {problem}", field: "file" },
  tenant_after_file: {
    code: "invalid",
    detail: "tenant_code stands behind the file. Send it before the file.",
  },
});

/** Why a raw body is not taken for a file. */
export const rawError = defineReasons("raw", {
  is_form: {
    code: "unsupported",
    detail:
      "This body is a form by its Content-Type. Send a form to POST /api/v1/ingest, or the bytes of the file as application/octet-stream.",
  },
});

/** Why a request of the upload protocol is refused. */
export const tusError = defineReasons("tus", {
  head_required: { code: "not_found", detail: "Ask for an upload with HEAD." },
  method_unknown: {
    code: "bad_request",
    detail: "Name PATCH, HEAD or DELETE in X-HTTP-Method-Override, or send that method itself.",
  },
  concatenation: {
    code: "invalid",
    detail: "Upload-Concat is not spoken here. Send the file as one upload, without parallel parts.",
    field: "Upload-Concat",
  },
  unsupported_content_type: {
    code: "unsupported",
    detail: "Send the bytes as application/offset+octet-stream.",
  },
  invalid_metadata: { code: "bad_request", detail: "Upload-Metadata is not base64 of UTF-8 text." },
});
