import assert from "node:assert/strict";
import { mediaError } from "../../../lib/media/errors.ts";
import { cacheError } from "../../../lib/platform/cache/reasons.ts";
import { diagnose } from "../../../workers/runtime/failures.ts";

Deno.test("diagnose() tells permanent failures from transient ones", () => {
  const media = mediaError("no_streams");
  assert.deepEqual(diagnose(media, undefined), {
    code: "no_streams",
    message: "There is neither picture nor sound in the file.",
    permanent: true,
  });
  const away = cacheError("unavailable");
  assert.deepEqual(diagnose(away, undefined), {
    code: "unavailable",
    message: "The cache does not answer right now.",
    permanent: false,
  });
  assert.equal(diagnose(new Error("secret detail"), undefined).code, "internal");
  assert.doesNotMatch(diagnose(new Error("secret detail"), undefined).message, /secret/);
  assert.equal(diagnose(Object.assign(new Error("full"), { code: "ENOSPC" }), undefined).code, "unavailable");
  assert.deepEqual([diagnose(media, "timed_out").code, diagnose(media, "timed_out").permanent], [
    "timed_out",
    true,
  ]);
});
