import assert from "node:assert/strict";
import { printRoutes } from "../../infra/routes.ts";

Deno.test("docs/routes.md is the table of all declarations", async () => {
  const written = await Deno.readTextFile(new URL("../../docs/routes.md", import.meta.url));
  const cells = (text: string) => text.replaceAll(/\s+/g, " ").replaceAll(/-{3,}/g, "---");
  assert.equal(cells(written), cells(printRoutes()), "run: deno task routes");
});
