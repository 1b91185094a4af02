// A thousand refresh token families in random interleavings, compared with a model.
import assert from "node:assert/strict";
import { startTokenPair } from "../../lib/identity/sign_ins/token_pairs.ts";
import { findUsersByEmail } from "../../lib/identity/users/users.ts";
import { openTestServer } from "../support/server.ts";

const FAMILIES = 1_000;
const AT_ONCE = 16;

Deno.test("refresh tokens", async (t) => {
  const server = await openTestServer();
  const { platform } = server;
  const person = await server.addPerson();
  const [user] = await platform.db.asSystem((sql) => findUsersByEmail(sql, person.email));
  const origin = { address: "127.0.0.1", userAgent: "test" };
  const begin = async () =>
    (await startTokenPair(platform, user!, { method: "password" }, origin)).refresh_token;

  /** The successor, or undefined when the token was refused. */
  async function refresh(refresh_token: string): Promise<string | undefined> {
    const response = await fetch(`${server.url}/api/v1/auth/refresh`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token }),
    });
    const answer = await response.json();
    assert.ok([200, 401].includes(response.status), JSON.stringify(answer));
    return response.status === 200 ? answer.refresh_token : undefined;
  }

  await t.step(
    `${FAMILIES} families: each generation once, its parent's replay the same, an older one the end`,
    async () => {
      const seen = new Set<string>();
      await inParallel(FAMILIES, async (number) => {
        const line = [await begin()];
        const generations = 1 + number % 3;
        for (let i = 0; i < generations; i++) {
          const next = await refresh(line.at(-1)!);
          assert.ok(next, `family ${number} ended by itself`);
          assert.ok(!seen.has(next), "one successor for two parents");
          seen.add(next);
          line.push(next);
        }
        assert.equal(
          await refresh(line.at(-2)!),
          line.at(-1),
          "the immediate parent gets the same successor",
        );
        if (generations === 1) return;
        assert.equal(
          await refresh(line[number % (line.length - 2)]!),
          undefined,
          "an older one is a thief's",
        );
        assert.equal(await refresh(line.at(-1)!), undefined, "and takes the family along");
      });
    },
  );

  await t.step("50 parallel refreshes of one token get one valid successor", async () => {
    const token = await begin();
    const successors = await Promise.all(Array.from({ length: 50 }, () => refresh(token)));
    assert.equal(new Set(successors).size, 1);
    assert.ok(successors[0] && await refresh(successors[0]));
  });

  await t.step("a parent that was spent more than ten seconds ago counts as a replay", async () => {
    const token = await begin();
    const successor = await refresh(token);
    await platform.db.asSystem((sql) =>
      sql`update refresh_tokens set spent_at = spent_at - interval '11 seconds' where spent_at is not null`
    );
    assert.equal(await refresh(token), undefined);
    assert.equal(await refresh(successor!), undefined);
  });

  await server.close();
});

async function inParallel(count: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
