import { defineReasons } from "../../lib/platform/errors.ts";

/** Why a job cannot be run. */
export const runError = defineReasons("run", {
  asset_required: { code: "invalid", detail: "A job of this kind needs an asset." },
  original_missing: { code: "not_found", detail: "The original is not in storage any more." },
  original_incomplete: {
    code: "unavailable",
    detail: "The original came through with {received} of {bytes} bytes.",
  },
  original_stalled: { code: "unavailable", detail: "Storage stopped sending the original." },
});
