import assert from "node:assert/strict";
import { AppError, defineReasons, findReason, hasCode, hasReason } from "../../../lib/platform/errors.ts";

const shelfError = defineReasons("shelf", {
  full: { code: "conflict", detail: "{name} holds {most} books at most." },
  bad_name: { code: "invalid", detail: "A shelf has a name.", field: "name" },
  away: { code: "unavailable", detail: "The shelf is away.", retryAfter: 5 },
});
const bookError = defineReasons("book", { full: { code: "conflict", detail: "The book is full." } });

Deno.test("an error carries its code, its reason, its parameters and the filled detail", () => {
  const error = shelfError("full", { name: "{most}", most: 3 });
  assert.ok(error instanceof AppError);
  assert.deepEqual([error.code, error.reason, error.fields], ["conflict", "shelf.full", []]);
  assert.deepEqual(error.params, { name: "{most}", most: 3 });
  assert.equal(error.message, "{most} holds 3 books at most.");
});

Deno.test("an error names the field of its reason or of its options, and keeps cause and wait", () => {
  const message = "A shelf has a name.";
  assert.deepEqual(shelfError("bad_name").fields, [{ path: "name", message }]);
  const cause = new Error("no route");
  const away = shelfError("away", {}, { cause, field: "shelf" });
  assert.deepEqual([away.cause, away.retryAfter], [cause, 5]);
  assert.deepEqual(away.fields, [{ path: "shelf", message: "The shelf is away." }]);
  assert.equal(shelfError("away", {}, { retryAfter: 9 }).retryAfter, 9);
});

Deno.test("hasReason() and findReason() tell the errors of a noun apart from all others", () => {
  const error = shelfError("full", { name: "A", most: 1 });
  assert.ok(hasReason(error, shelfError, "away", "full"));
  assert.ok(!hasReason(error, shelfError, "away") && !hasReason(error, bookError, "full"));
  assert.ok(!hasReason(new Error("shelf.full"), shelfError, "full"));
  assert.deepEqual([findReason(error, shelfError), findReason(error, bookError)], ["full", undefined]);
  assert.ok(hasCode(error, "conflict") && !hasCode(error, "invalid") && !hasCode("conflict", "conflict"));
});

Deno.test("keys and placeholders are checked by the compiler", () => {
  // @ts-expect-error: no such key
  assert.throws(() => shelfError("empty"));
  // @ts-expect-error: the placeholders are missing
  shelfError("full");
  // @ts-expect-error: one placeholder is missing
  shelfError("full", { name: "A" });
  // @ts-expect-error: there is no such placeholder
  shelfError("away", { name: "A" });
});
