import assert from "node:assert/strict";
import { AppError } from "../../../lib/platform/errors.ts";
import { diagnose } from "../../../workers/runtime/failures.ts";

Deno.test("diagnose() tells what cannot be helped from what may pass", () => {
  const media = new AppError("invalid", "No streams.", {
    fields: [{ path: "media", message: "no_streams" }],
  });
  assert.deepEqual(diagnose(media, undefined), {
    code: "no_streams",
    message: "No streams.",
    permanent: true,
  });
  const away = new AppError("unavailable", "Storage is away.");
  assert.deepEqual(diagnose(away, undefined), {
    code: "unavailable",
    message: "Storage is away.",
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
