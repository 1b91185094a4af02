import assert from "node:assert/strict";
import { groupError } from "../../../../lib/identity/groups/schema.ts";
import { quotaError } from "../../../../lib/tenancy/quotas/schema.ts";
import { explain, findErrorText } from "../../../../routes/ui/kit/errors.ts";
import { wordsOf } from "../../../../routes/ui/kit/words.ts";

const error = groupError("too_many", { most: 12_500 });

Deno.test("explain() answers the text of the reason in the reader's language, with its parameters", () => {
  assert.match(explain(wordsOf("en"), error, groupError, "name_taken", "too_many"), /has 12,500 groups/);
  assert.match(explain(wordsOf("pt-BR"), error, groupError, "too_many"), /tem 12\.500 grupos/);
});

Deno.test("explain() throws any other error again, where findErrorText() answers undefined", () => {
  assert.throws(() => explain(wordsOf("en"), error, groupError, "name_taken"), error);
  assert.throws(() => explain(wordsOf("en"), error, quotaError, "users"), error);
  assert.equal(findErrorText(wordsOf("en"), error, groupError, "name_taken"), undefined);
  assert.equal(findErrorText(wordsOf("en"), new Error("group.too_many"), groupError, "too_many"), undefined);
});

Deno.test("a reason that no page has a text for does not compile", () => {
  // @ts-expect-error: there is no text `error.group.member_not_found`
  findErrorText(wordsOf("en"), error, groupError, "member_not_found");
});
