// Generated from the OpenAPI document: a field that a JSON body declares is read back as it was set, or refused. Fields
// that no answer may show, or that show elsewhere, are named here with the reason.
import assert from "node:assert/strict";
import { openTestServer } from "../support/server.ts";
import { makeThings } from "../support/things.ts";
import { nounOf } from "../support/router.ts";

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  format?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

interface Operation {
  requestBody?: { content: Record<string, { schema: Schema }> };
  "x-ends-session"?: boolean;
}

type Body = Record<string, unknown>;

/** Bodies that prove who a person is; their answers show none of it. Those that end the session are left out as well. */
const PROOFS = [
  "POST /auth/login",
  "POST /auth/refresh",
  "POST /auth/me/change-password",
  "POST /auth/login/passkey",
  "POST /auth/me/second-factor/totp/confirm",
  "POST /auth/me/passkeys",
  "POST /auth/password-reset",
  "POST /auth/password-reset/confirm",
];

const ELSEWHERE: Record<string, string> = {
  tenant_code: "names the tenant that the request acts in",
  password: "a secret",
  token: "a secret",
  client_secret: "a secret",
  "POST /auth/invitations language": "shows in the letter",
  "POST /api-keys expires_in_days": "shows as expires_at",
  "POST /auth/register role": "shows where an administrator registers somebody",
};

Deno.test("a field that a body declares is read back as it was set, or refused", async (t) => {
  const server = await openTestServer();
  const superuser = await server.addPerson({ superuser: true });
  const client = await server.client(superuser);
  const person = await server.addPerson({ role: "user" });
  const things: Record<string, string> = await makeThings(server, client, { name: "Thing", person });
  const document = await (await fetch(`${server.url}/api/v1/openapi.json`)).json();
  things.passkeys = await server.addPasskey(superuser);
  // A tenant of its own: the one in which this runs would become read-only.
  things.tenants = (await server.addPerson({ tenant: "changed" })).tenantId;

  const resolve = (schema: Schema): Schema =>
    schema.$ref ? resolve(document.components.schemas[schema.$ref.split("/").at(-1)!]) : schema;

  /** A value that fits and is no default. */
  function fitting(name: string, raw: Schema): unknown {
    const schema = resolve(raw);
    const unique = crypto.randomUUID().slice(0, 13);
    if (name === "parent_id") return things.parents;
    if (name === "issuer") return "https://login.example.org";
    if (name === "quota") return { assets: 5 };
    if (name === "group_roles") return { editors: "editor" };
    if (name === "email_domains") return ["example.org"];
    if (name === "scopes" && schema.items?.enum === undefined) return ["openid", "email"];
    if (schema.enum) return schema.enum.at(-1);
    if (schema.anyOf) return fitting(name, schema.anyOf.find(({ type }) => type !== "null")!);
    const type = [schema.type ?? "string"].flat()[0];
    if (type === "array") return schema.items?.properties ? [] : [fitting(name, schema.items ?? {})];
    if (type === "object") return { key: unique };
    if (type === "integer" || type === "number") return 7;
    if (type === "boolean") return true;
    if (schema.format === "date-time") return "2020-02-03T04:05:06Z";
    if (schema.format === "email" || name === "email") return `${unique}@example.org`;
    return `v${unique}`;
  }

  for (const [path, methods] of Object.entries<Record<string, Operation>>(document.paths)) {
    for (const [word, operation] of Object.entries(methods)) {
      const name = `${word.toUpperCase()} ${path}`;
      const content = operation.requestBody?.content["application/json"];
      if (!content || operation["x-ends-session"] || PROOFS.includes(name)) continue;
      const { properties = {}, required = [] } = resolve(content.schema);
      const fields = Object.entries(properties)
        .filter(([field]) => !ELSEWHERE[field] && !ELSEWHERE[`${name} ${field}`]);
      await t.step(`${name}: ${fields.map(([field]) => field).join(", ")}`, async () => {
        for (const [field, schema] of fields) {
          things.parents = await placeholder();
          if (path.startsWith("/assets/")) things.assets = await placeholder();
          // Where both are sent, `full_name` counts.
          const names = [...required, ...accountFields(properties)].filter((each) =>
            field !== "name" || each !== "full_name"
          );
          const needed = Object.fromEntries(names.map((each) => [each, fitting(each, properties[each]!)]));
          const body: Body = { ...needed, [field]: fitting(field, schema) };
          const answer = await send(word.toUpperCase(), path, body);
          if (answer.status >= 400) {
            const { errors, detail } = answer.body as { errors: { path: string }[]; detail: string };
            const isNamed = errors.some((error) => error.path.split(".")[0] === field);
            assert.ok(isNamed, `${name} refused ${JSON.stringify(body)} for another reason: ${detail}`);
          } else {
            const read = JSON.stringify(answer.body[field]);
            assert.ok(isSame(answer.body[field], body[field]), `${field} was ${body[field]}, is ${read}`);
          }
        }
      });
    }
  }
  await server.close();

  async function placeholder(): Promise<string> {
    const body = { title: "placeholder", asset_type: "video" };
    return (await client.json("POST", "/api/v1/assets", body, 201)).id;
  }

  async function send(method: string, path: string, body: Body): Promise<{ status: number; body: Body }> {
    const noun = nounOf(path.replaceAll(/\{(\w+)\}/g, ":$1"), Object.keys(things));
    const response = await client.fetch(`/api/v1${path.replace("{id}", things[noun ?? ""] ?? "x")}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }
});

/** Required to register a person without an invitation, which the schema alone does not tell. */
function accountFields(properties: Record<string, Schema>): string[] {
  return ["password", "email", "full_name"].filter((field) =>
    "password" in properties && field in properties
  );
}

/** True when what is read is what was sent: times as moments, objects by the keys that were sent. */
function isSame(read: unknown, sent: unknown): boolean {
  if (read === sent) return true;
  if (typeof read === "string" && typeof sent === "string" && /^\d{4}-\d\d-\d\dT/.test(sent)) {
    return Date.parse(read) === Date.parse(sent);
  }
  if (typeof read !== "object" || typeof sent !== "object" || !read || !sent) return false;
  return Object.entries(sent).every(([key, value]) => isSame((read as Body)[key], value));
}
