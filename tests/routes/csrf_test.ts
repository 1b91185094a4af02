// Generated from the router: every unsafe route is asked with a browser's session cookie from elsewhere, whatever the
// content type, and must be refused before anything else is checked. New routes are included automatically.
import assert from "node:assert/strict";
import { createApp } from "../../routes/app.ts";
import { openTestServer, PASSWORD } from "../support/server.ts";

const ID = "0198c0de-0000-7000-8000-000000000000";
const SAFE = ["GET", "HEAD", "OPTIONS", "ALL"];
const TYPES = [
  "application/json",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
];
const ELSEWHERE: Record<string, Record<string, string>> = {
  "no word of where it comes from": {},
  "another site": { "Sec-Fetch-Site": "cross-site" },
  "a sibling domain": { "Sec-Fetch-Site": "same-site" },
  "typed by hand": { "Sec-Fetch-Site": "none" },
  "another origin": { Origin: "https://evil.example" },
  "an opaque origin": { Origin: "null" },
  "our name in another's": { Origin: "http://127.0.0.1.evil.example" },
};

Deno.test("a session cookie changes nothing when the request comes from elsewhere", async () => {
  const server = await openTestServer();
  const person = await server.addPerson({ superuser: true });
  const Cookie = await signIn(server.url, person.email);
  const routes = createApp(server.platform).routes.filter(({ method }) => !SAFE.includes(method));
  assert.ok(routes.length > 40);
  let asked = 0;
  for (const { method, path } of routes) {
    const address = server.url +
      path.replaceAll(/:id(\{[^}]*\})?/g, ID).replaceAll(/:\w+/g, "x").replace("*", "x");
    for (const [where, from] of Object.entries(ELSEWHERE)) {
      const type = TYPES[asked++ % TYPES.length]!;
      const response = await fetch(address, {
        method,
        redirect: "manual",
        body: "{}",
        headers: { Cookie, "Content-Type": type, ...from },
      });
      await response.body?.cancel();
      assert.equal(response.status, 403, `${method} ${path} as ${type} from ${where}`);
    }
  }
  const own = await fetch(`${server.url}/api/v1/assets`, {
    method: "POST",
    headers: { Cookie, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin" },
    body: JSON.stringify({ title: "Ours", asset_type: "video" }),
  });
  await own.body?.cancel();
  assert.equal(own.status, 201);
  await server.close();
});

async function signIn(url: string, email: string): Promise<string> {
  const response = await fetch(`${url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { Origin: url },
    body: new URLSearchParams({ email, password: PASSWORD }),
  });
  await response.body?.cancel();
  return response.headers.get("Set-Cookie")!.split(";")[0]!;
}
