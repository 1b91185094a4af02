import { defineReasons } from "../../platform/errors.ts";

/** Why an operation on an asset fails. */
export const assetError = defineReasons("asset", {
  not_found: { code: "not_found", detail: "There is no such asset." },
  original_missing: { code: "not_found", detail: "The asset or its original is gone." },
  view_only: { code: "forbidden", detail: "This asset is shared with you to look at, not to change." },
  share_refused: {
    code: "forbidden",
    detail: "Who sees this asset is for its maker, managers and administrators to say.",
  },
  own_access_lost: {
    code: "conflict",
    detail: "You would lose sight of this asset. Share it with yourself as well.",
  },
  in_trash: { code: "conflict", detail: "This asset is in the trash. Restore it first." },
  not_in_trash: { code: "conflict", detail: "This asset is not in the trash." },
  parent_not_found: { code: "not_found", detail: "There is no such parent asset.", field: "parent_id" },
  parent_circle: {
    code: "invalid",
    detail: "An asset cannot be the parent of itself, nor of one that it descends from.",
    field: "parent_id",
  },
  duration_measured: {
    code: "conflict",
    detail: "The duration of an asset with a file is measured from it and cannot be set.",
    field: "duration_ms",
  },
  fixed_fields: { code: "invalid", detail: "Akashi sets {fields} by itself. Leave it out." },
  code_taken: { code: "conflict", detail: "An asset already has this code." },
  has_original: { code: "conflict", detail: "This asset already has its original." },
  empty_file: {
    code: "invalid",
    detail: "This file is empty. Send one that has at least one byte.",
    field: "file",
  },
  request_too_large: {
    code: "too_large",
    detail: "One request may bring {most} bytes at most. Use a resumable upload.",
  },
});
