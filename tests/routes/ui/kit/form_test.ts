import assert from "node:assert/strict";
import { safePath } from "../../../../routes/ui/kit/form.ts";

Deno.test("safePath() returns only paths of this site", () => {
  assert.equal(safePath("/assets/1?t=00:00:01:00#x"), "/assets/1?t=00:00:01:00#x");
  for (
    const next of [
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "/\t/evil.example",
      "javascript:alert(1)",
      "",
    ]
  ) {
    assert.equal(safePath(next), "/", next);
  }
});
