import { defineReasons } from "../errors.ts";

/** Why a store refuses or fails, whichever adapter it is. */
export const storageError = defineReasons("storage", {
  invalid_key: { code: "invalid", detail: "An object key is empty, too long or has forbidden characters." },
  invalid_content_type: {
    code: "invalid",
    detail: "A content type has forbidden characters or a wrong length.",
  },
  invalid_expiry: { code: "invalid", detail: "A signed URL lives 1 to {most} seconds." },
  invalid_range: { code: "invalid", detail: "The range is not one." },
  range_outside: { code: "invalid", detail: "The range is outside of the object's {bytes} bytes." },
  range_refused: { code: "invalid", detail: "The range is outside of the object." },
  too_large: { code: "too_large", detail: "The file is larger than the {most} bytes that are allowed." },
  length_mismatch: {
    code: "invalid",
    detail: "The file was said to have {expected} bytes, but {found} came.",
  },
  exists: { code: "conflict", detail: "The object is there already." },
  path_taken: { code: "conflict", detail: "There is an object at that place already." },
  object_missing: { code: "not_found", detail: "There is no such object or upload." },
  source_missing: { code: "not_found", detail: "The object to copy is not there." },
  upload_missing: { code: "not_found", detail: "There is no such upload, or it is over." },
  no_parts: { code: "invalid", detail: "There is no part to complete." },
  invalid_part_number: { code: "invalid", detail: "Parts are numbered 1 to {most}." },
  part_incomplete: { code: "invalid", detail: "Part {number} is not complete. Send it again." },
  part_differs: { code: "invalid", detail: "Part {number} is not what was stored." },
  part_too_small: { code: "invalid", detail: "Part {number} is smaller than {least} bytes." },
  refused: { code: "invalid", detail: "The object store refused it: {answer}" },
  not_writable: { code: "unavailable", detail: "The folder for objects cannot be written to." },
  folder_full: {
    code: "storage_full",
    detail: "The disk of the folder for objects is full. Nothing was kept; try again when there is room.",
    retryAfter: 60,
  },
  store_full: {
    code: "storage_full",
    detail: "The object store is full. Nothing was kept; try again when there is room.",
    retryAfter: 60,
  },
  folder_unavailable: {
    code: "unavailable",
    detail: "The folder for objects cannot be used right now ({error}).",
    retryAfter: 30,
  },
  bucket_missing: { code: "unavailable", detail: "The bucket {bucket} is missing." },
  no_bucket: {
    code: "unavailable",
    detail: "A bucket of the object store is missing.",
    retryAfter: 5,
  },
  credentials_refused: {
    code: "unavailable",
    detail: "The object store refuses our credentials: {error}.",
    retryAfter: 5,
  },
  unavailable: {
    code: "unavailable",
    detail: "The object store does not answer right now. Try again in a moment.",
    retryAfter: 5,
  },
  interrupted: { code: "unavailable", detail: "The object store broke off in the middle of an object." },
});
