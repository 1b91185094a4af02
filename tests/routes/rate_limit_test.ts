import assert from "node:assert/strict";
import { networkOf } from "../../lib/platform/cache/rate_limit.ts";
import { readMetric } from "../support/metrics.ts";
import { signInCookie } from "../support/router.ts";
import { type Client, openTestServer, PASSWORD, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const SETTINGS = {
  // Each case sends its requests from an address of its own.
  TRUSTED_PROXIES: "1",
  RATE_LIMIT_PER_MINUTE: "40",
  RATE_LIMIT_KEY_PER_MINUTE: "5",
  RATE_LIMIT_TENANT_PER_MINUTE: "50",
  RATE_LIMIT_ADDRESS_PER_MINUTE: "80",
  RATE_LIMIT_PAGES_PER_MINUTE: "4",
  RATE_LIMIT_MEDIA_PER_MINUTE: "6",
};
const ME = "/api/v1/auth/me";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer({ settings: SETTINGS });
});
Deno.test.afterAll(() => server.close());

Deno.test("a key has a limit of its own, and the headers describe the tightest rule", async () => {
  const owner = await server.client(await server.addPerson({ tenant: "key" }));
  const ask = await askByKey(owner, "192.0.2.1");
  for (let left = 4; left >= 0; left--) {
    assert.deepEqual(await stateOf(await ask()), { status: 200, limit: 5, remaining: left });
  }
  const refused = await ask();
  assert.ok(Number(refused.headers.get("Retry-After")) > 0);
  assert.deepEqual(await stateOf(refused), { status: 429, limit: 5, remaining: 0 });
});

Deno.test("requests by key count for its owner, refused ones for no rule", async () => {
  const person = await server.client(await server.addPerson({ tenant: "owner" }));
  const owner = askFrom(person, "192.0.2.2");
  const remaining = async () => (await stateOf(await owner())).remaining;
  const exhausted = await askByKey(person, "192.0.2.2");
  await untilRefused(exhausted);
  const before = await remaining();
  for (let turn = 0; turn < 20; turn++) await stateOf(await exhausted());
  const refused = await remaining();
  assert.ok(refused >= before - 2, `${before} → ${refused}`);
  const began = performance.now();
  const another = await askByKey(person, "192.0.2.2");
  for (let turn = 0; turn < 5; turn++) await stateOf(await another());
  const after = await remaining();
  // Of forty a minute one comes back every second and a half.
  const back = Math.ceil((performance.now() - began) / 1500);
  assert.ok(after <= refused - 7 + back, `${refused} → ${after}, ${back} came back`);
});

Deno.test("members of a tenant share its limit and take nothing from another tenant", async () => {
  const [ada, ben, eve] = await Promise.all(["shared", "shared", "apart"].map(async (tenant) => {
    const client = await server.client(await server.addPerson({ tenant }));
    return askFrom(client, "192.0.2.3");
  })) as [Ask, Ask, Ask];
  for (let turn = 0; turn < 30; turn++) assert.equal((await stateOf(await ada())).status, 200);
  assert.equal((await untilRefused(ben)).limit, 50);
  assert.equal((await untilRefused(ada)).limit, 50);
  assert.equal((await stateOf(await eve())).status, 200);
});

Deno.test("an address has a limit for all accounts behind it", async () => {
  const ask = async (tenant: string) =>
    askFrom(await server.client(await server.addPerson({ tenant })), "192.0.2.4");
  for (const tenant of ["first", "second"]) {
    const refused = await untilRefused(await ask(tenant));
    assert.ok([40, 80].includes(refused.limit));
  }
  assert.equal((await untilRefused(await ask("third"))).limit, 80);
});

Deno.test("attempts to sign in are limited by account and by address, for unknown addresses alike", async () => {
  const server = await openTestServer({
    settings: { RATE_LIMIT_SIGN_IN_PER_MINUTE: "3", RATE_LIMIT_SIGN_IN_ADDRESS_PER_MINUTE: "8" },
  });
  const person = await server.addPerson();
  const attempt = (email: string, password: string) => logIn(server, email, password);
  const tries = async (email: string) => [
    await attempt(email, "not this one"),
    await attempt(email.toUpperCase(), "nor this one"),
    await attempt(email, "wrong again"),
    await attempt(email, PASSWORD),
  ];
  assert.deepEqual(await tries(person.email), [401, 401, 401, 429]);
  assert.deepEqual(await tries("nobody@example.org"), [401, 401, 401, 429]);
  const other = await server.addPerson();
  assert.deepEqual([await attempt(other.email, PASSWORD), await attempt(other.email, PASSWORD)], [200, 200]);
  // The address has eight attempts. One comes back every 7.5 s, so on a slow machine some more pass.
  const strangers: number[] = [];
  while (strangers.at(-1) !== 429 && strangers.length < 20) {
    strangers.push(await attempt((await server.addPerson()).email, PASSWORD));
  }
  assert.equal(strangers.at(-1), 429, `${strangers}`);
  const form = await fetch(`${server.url}/sign-in`, {
    method: "POST",
    headers: { "Sec-Fetch-Site": "same-origin" },
    body: new URLSearchParams({ email: person.email, password: PASSWORD }),
  });
  assert.equal(form.status, 429);
  assert.ok(Number(form.headers.get("Retry-After")) > 0);
  const page = await form.text();
  assert.match(page, /Too many attempts\. Try again in \d+ s\./);
  assert.match(page, new RegExp(`value="${person.email}"`), "the form stays");
  await server.close();
});

for (const hops of [0, 2]) {
  Deno.test(`the address of a request is told by ${hops} trusted hops alone`, async () => {
    const server = await openTestServer({
      settings: { TRUSTED_PROXIES: String(hops), RATE_LIMIT_PER_MINUTE: "2" },
    });
    const statuses: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      // The first address is forged anew each time; the trusted proxies append what they see.
      const forwarded = [`203.0.113.${turn}`, "198.51.100.7", "10.0.0.1"].slice(0, hops + 1).join(", ");
      const response = await fetch(server.url + ME, { headers: { "X-Forwarded-For": forwarded } });
      statuses.push((await stateOf(response)).status);
    }
    assert.deepEqual(statuses, [401, 401, 429]);
    await server.close();
  });
}

Deno.test("requests pass and are counted when the limiter is unavailable", async () => {
  const server = await openTestServer();
  const client = await server.client();
  const count = async () => (await readMetric("rate_limit_unavailable_total"))[""]!;
  const before = await count();
  server.platform.cache.take = () => Promise.reject(new Error("on purpose"));
  const response = await client.fetch(ME);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("X-RateLimit-Limit"), null);
  await response.body?.cancel();
  assert.equal(await count(), before + 1);
  await server.close();
});

Deno.test("pages and media have limits of their own, by account and by address", async () => {
  const person = await server.addPerson();
  const cookie = await signInCookie(server.url, person.email, PASSWORD);
  const statusOf = async (path: string, headers: HeadersInit = {}) => {
    const response = await fetch(server.url + path, { headers, redirect: "manual" });
    await response.body?.cancel();
    return response.status;
  };
  const times = async (count: number, path: string, headers?: HeadersInit) => {
    const statuses = [];
    for (let at = 0; at < count; at++) statuses.push(await statusOf(path, headers));
    return statuses;
  };
  assert.deepEqual(await times(5, "/jobs", { Cookie: cookie }), [200, 200, 200, 200, 429]);
  assert.deepEqual((await times(5, "/sign-in")).at(-1), 429, "anonymous requests count by address");
  const card = "/assets/0198c0de-0000-7000-8000-000000000000/card";
  assert.equal(await statusOf(card, { Cookie: cookie }), 404, "cards reload when pages may not");
  const missing = "/media/assets/0198c0de-0000-7000-8000-000000000000/original";
  assert.deepEqual(await times(6, missing, { Cookie: cookie }), [...Array(5).fill(404), 429]);
  assert.equal(await statusOf(ME, { Cookie: cookie }), 200, "the API counts by itself");
});

Deno.test("a closed event stream makes room for another when an account has the most", async () => {
  const server = await openTestServer({ settings: { EVENT_STREAMS_PER_PERSON: "2" } });
  const client = await server.client();
  const other = await server.client(await server.addPerson());
  const open = async (by: Client) => {
    const ending = new AbortController();
    const response = await by.fetch("/events", { signal: ending.signal });
    if (response.status !== 200) await response.body?.cancel();
    return { status: response.status, close: () => ending.abort() };
  };
  const streams = [await open(client), await open(client)];
  const refused = await open(client);
  assert.deepEqual([...streams, refused].map(({ status }) => status), [200, 200, 429]);
  const others = await open(other);
  assert.equal(others.status, 200);
  streams[0]!.close();
  const again = await until("the closed stream no longer counts", async () => {
    const stream = await open(client);
    return stream.status === 200 ? stream : undefined;
  });
  for (const stream of [streams[1]!, others, again]) stream.close();
  await server.close();
});

Deno.test("HEAD of the event stream opens none", async () => {
  const server = await openTestServer({ settings: { EVENT_STREAMS_PER_PERSON: "1" } });
  const client = await server.client();
  for (let at = 0; at < 3; at++) {
    const head = await client.fetch("/events", { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("Content-Type")], [200, "text/event-stream"]);
  }
  const ending = new AbortController();
  assert.equal((await client.fetch("/events", { signal: ending.signal })).status, 200);
  ending.abort();
  await server.close();
});

Deno.test("requests for a password reset count by network, however its addresses are written", async () => {
  const ask = async (at: number) => {
    const from = at % 2 ? `2001:db8:1:2::${at.toString(16)}` : `2001:0db8:0001:0002:0:0:1:${at.toString(16)}`;
    const response = await fetch(`${server.url}/api/v1/auth/password-reset`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Forwarded-For": from },
      body: JSON.stringify({ email: `member-${at}@example.org` }),
    });
    await response.body?.cancel();
    return response.status;
  };
  const statuses = [];
  for (let at = 0; at < 21; at++) statuses.push(await ask(at));
  assert.deepEqual(statuses, [...Array(20).fill(202), 429]);
});

Deno.test("networkOf() is the same for all addresses of an IPv6 customer", () => {
  for (const written of ["203.0.113.9", "::ffff:203.0.113.9", "203.0.113.9:51234"]) {
    assert.equal(networkOf(written), "203.0.113.9");
  }
  assert.equal(networkOf("2001:db8:1:2::1"), networkOf("2001:0db8:0001:0002:ffff:1:2:3"));
  assert.notEqual(networkOf("2001:db8:1:2::1"), networkOf("2001:db8:1:3::1"));
  assert.equal(networkOf("::1"), "0:0:0:0::/64");
  assert.equal(networkOf("unknown"), "unknown");
});

type Ask = () => Promise<Response>;

/** Requests of this account from one address. */
function askFrom(client: Client, address: string): Ask {
  return () => client.fetch(ME, { headers: { "X-Forwarded-For": address } });
}

/** Requests from one address by a new key of this account. */
async function askByKey(owner: Client, address: string): Promise<Ask> {
  const { key }: { key: string } = await owner.json("POST", "/api/v1/api-keys", { name: "robot" }, 201);
  return () => fetch(server.url + ME, { headers: { "X-API-Key": key, "X-Forwarded-For": address } });
}

/** The first refusal; allowances come back meanwhile, so how many requests pass before depends on the machine. */
async function untilRefused(ask: Ask) {
  for (let turn = 0; turn < 500; turn++) {
    const answer = await stateOf(await ask());
    if (answer.status === 429) return answer;
  }
  throw new Error("nothing was refused");
}

async function logIn({ url }: TestServer, email: string, password: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  await response.body?.cancel();
  return response.status;
}

async function stateOf(response: Response) {
  await response.body?.cancel();
  const number = (name: string) => Number(response.headers.get(`X-RateLimit-${name}`));
  return { status: response.status, limit: number("Limit"), remaining: number("Remaining") };
}
