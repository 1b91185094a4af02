import { defineReasons } from "../../../lib/platform/errors.ts";

/** Why a form with a file is refused. */
export const formError = defineReasons("form", {
  not_multipart: { code: "unsupported", detail: "Send this as multipart/form-data." },
  malformed: {
    code: "bad_request",
    detail: "This multipart form is cut off or malformed. Nothing of it was kept; send it again.",
  },
  too_many_parts: { code: "bad_request", detail: "This form has too many parts." },
  field_too_long: { code: "invalid", detail: "This field is too long." },
  no_file: { code: "invalid", detail: "This form has no file under the name file.", field: "file" },
  too_many_files: { code: "invalid", detail: "Send one file at a time.", field: "file" },
  invalid_filename: { code: "invalid", detail: "File name: {problem}", field: "file" },
  tenant_after_file: {
    code: "invalid",
    detail: "tenant_code stands behind the file. Send it before the file.",
  },
});

/** Why a request of the upload protocol is refused. */
export const tusError = defineReasons("tus", {
  head_required: { code: "not_found", detail: "Ask for an upload with HEAD." },
  unsupported_content_type: {
    code: "unsupported",
    detail: "Send the bytes as application/offset+octet-stream.",
  },
  invalid_metadata: { code: "bad_request", detail: "Upload-Metadata is not base64 of UTF-8 text." },
});
