import assert from "node:assert/strict";
import { mediaError, toolError } from "../../../lib/media/errors.ts";
import { cacheError } from "../../../lib/platform/cache/reasons.ts";
import { storageError } from "../../../lib/platform/storage/reasons.ts";
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
  assert.deepEqual([diagnose(media, "timed_out").code, diagnose(media, "timed_out").permanent], [
    "timed_out",
    true,
  ]);
});

Deno.test("diagnose() takes a full or failing system for an outage, and a killed tool for a lost worker", () => {
  for (const code of ["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENOMEM"]) {
    const { code: found, permanent } = diagnose(Object.assign(new Error(code), { code }), undefined);
    assert.deepEqual([found, permanent], ["unavailable", false], code);
  }
  const full = diagnose(storageError("store_full"), undefined);
  assert.deepEqual([full.code, full.permanent], ["unavailable", false]);
  const killed = diagnose(toolError("interrupted"), undefined);
  assert.deepEqual([killed.code, killed.permanent], ["worker_lost", false]);
});
