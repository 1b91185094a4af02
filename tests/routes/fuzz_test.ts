// Drives every described operation with fitting and hostile input. Whatever comes back must be described: its status,
// its media type, its shape; and it is never a 5xx. The seed is printed, AKASHI_FUZZ_SEED repeats a run.
import assert from "node:assert/strict";
import { tinyPng } from "../support/media.ts";
import { type Client, openTestServer, type TestServer } from "../support/server.ts";
import { makeThings } from "../support/things.ts";

const ROUNDS = Number(Deno.env.get("AKASHI_FUZZ_ROUNDS") ?? 25);

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  anyOf?: Schema[];
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: Schema;
}

interface Operation {
  method: string;
  path: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
  "x-ends-session"?: boolean;
}

const HOSTILE = [
  "",
  "\0",
  "\ud800",
  "%",
  "_",
  "'; drop table assets; --",
  "../..",
  "<script>",
  "🎬".repeat(300),
  "x".repeat(2000),
  "null",
  "NaN",
  "-1",
  "1e309",
  "9223372036854775808",
  "２",
  "\u202e",
  "{}",
  "[]",
  "true",
];
const STRANGE: unknown[] = [
  null,
  true,
  -1,
  1e308,
  0.5,
  "",
  [],
  {},
  [[]],
  { a: { b: {} } },
  "\0",
  "x".repeat(70_000),
];

function random(seed: number): () => number {
  // mulberry32: small, and the same everywhere.
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

Deno.test("the API answers nothing undescribed and no 5xx, whatever it is asked", async (t) => {
  const seed = Number(Deno.env.get("AKASHI_FUZZ_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`fuzz seed ${seed}`);
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  const server = await openTestServer();
  const document = await (await fetch(`${server.url}/api/v1/openapi.json`)).json();
  const ids = await seedIds(server);

  function resolve(schema: Schema): Schema {
    return schema.$ref ? resolve(document.components.schemas[schema.$ref.split("/").at(-1)!]) : schema;
  }

  /** A value that may well fit; `kind` hints at which of our things an id could be. */
  function fitting(raw: Schema, depth = 0): unknown {
    const schema = resolve(raw);
    if (schema.enum) return pick(schema.enum);
    if (schema.const !== undefined) return schema.const;
    if (schema.anyOf) return fitting(pick(schema.anyOf), depth);
    const type = [schema.type ?? "string"].flat()[0];
    if (type === "object") {
      const entries = Object.entries(schema.properties ?? {}).filter(([key]) =>
        schema.required?.includes(key) || next() < 0.5
      );
      return Object.fromEntries(entries.map(([key, value]) => [key, mutate(value, depth + 1)]));
    }
    if (type === "array") {
      return Array.from({ length: Math.floor(next() * 3) }, () => fitting(schema.items ?? {}, depth + 1));
    }
    if (type === "integer" || type === "number") {
      return Math.floor(next() * Math.min(schema.maximum ?? 50, 1000)) + (schema.minimum ?? 0);
    }
    if (type === "boolean") return next() < 0.5;
    if (type === "null") return null;
    if (schema.format === "uuid") return pick(ids);
    if (schema.format === "date-time") return "2026-01-02T03:04:05Z";
    if (schema.format === "email") return "someone@example.org";
    return `text ${Math.floor(next() * 1e6)}`;
  }

  function mutate(schema: Schema, depth = 0): unknown {
    const roll = next();
    if (roll < 0.1) return pick(STRANGE);
    if (roll < 0.2) return pick(HOSTILE);
    return fitting(schema, depth);
  }

  function requestOf(operation: Operation, client: Client | undefined): { url: string; init: RequestInit } {
    let path = operation.path;
    const query = new URLSearchParams();
    const headers: Record<string, string> = client ? { Authorization: `Bearer ${client.token}` } : {};
    for (const parameter of operation.parameters ?? []) {
      const value = String(next() < 0.7 ? fitting(parameter.schema) : mutate(parameter.schema))
        .toWellFormed().slice(0, 2_000);
      // Waits for workers, of which there are none here.
      if (parameter.name === "sync") continue;
      if (parameter.in === "path") {
        path = path.replace(`{${parameter.name}}`, encodeURIComponent(value) || "x");
      } else if (parameter.in === "query" && (parameter.required || next() < 0.5)) {
        query.set(parameter.name, value);
      } else if (parameter.in === "header" && /^[\x20-\x7e]*$/.test(value)) headers[parameter.name] = value;
    }
    if (next() < 0.1) query.set(pick(["cursor", "page", "unknown", "limit"]), pick(HOSTILE).toWellFormed());
    const url = `${server.url}/api/v1${path}${query.size > 0 ? `?${query}` : ""}`;
    return { url, init: { method: operation.method, headers, ...bodyOf(operation, headers) } };
  }

  function bodyOf(operation: Operation, headers: Record<string, string>): { body?: BodyInit } {
    const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
    if (!type || ["GET", "HEAD"].includes(operation.method)) return {};
    if (type === "multipart/form-data") {
      const form = new FormData();
      for (const [name, schema] of Object.entries(resolve(content!.schema).properties ?? {})) {
        if (name === "file") continue;
        if (next() < 0.4) form.set(name, String(mutate(schema)).toWellFormed());
      }
      if (next() < 0.9) {
        form.set(
          "file",
          new File([next() < 0.8 ? tinyPng() : new Uint8Array()], pick(HOSTILE).toWellFormed() || "a"),
        );
      }
      return { body: form };
    }
    headers["Content-Type"] = next() < 0.95 ? type : "text/plain";
    if (type === "application/json") {
      const value = next() < 0.1 ? pick(STRANGE) : fitting(content!.schema);
      return { body: next() < 0.05 ? "{broken" : JSON.stringify(value) };
    }
    return { body: new Uint8Array(Math.floor(next() * 30)) };
  }

  /** What of `value` the schema does not describe; undefined when it fits. */
  function misfit(value: unknown, raw: Schema, path = ""): string | undefined {
    const schema = resolve(raw);
    if (schema.anyOf) {
      return schema.anyOf.some((one) => !misfit(value, one, path))
        ? undefined
        : `${path}: no alternative fits`;
    }
    if (schema.enum) {
      return schema.enum.includes(value) ? undefined : `${path}: ${value} is not among ${schema.enum}`;
    }
    const types = [schema.type ?? []].flat();
    if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
      return `${path}: ${JSON.stringify(value)} is no ${types}`;
    }
    if (Array.isArray(value)) {
      return value.map((item, i) => misfit(item, schema.items ?? {}, `${path}[${i}]`)).find(Boolean);
    }
    if (typeof value !== "object" || value === null) return undefined;
    const missing = (schema.required ?? []).find((key) => !(key in value));
    if (missing) return `${path}.${missing} is missing`;
    return Object.entries(schema.properties ?? {}).filter(([key]) => key in value)
      .map(([key, property]) => misfit((value as Record<string, unknown>)[key], property, `${path}.${key}`))
      .find(Boolean);
  }

  const clients = [
    await server.client(),
    await server.client(await server.addPerson({ superuser: true })),
    await server.client(await server.addPerson({ role: "viewer" })),
    undefined,
  ];
  const operations: Operation[] = Object.entries(
    document.paths as Record<string, Record<string, Omit<Operation, "path" | "method">>>,
  )
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...operation,
        path,
        method: method.toUpperCase(),
      }))
    );

  for (const operation of operations) {
    // The other operations need these sessions.
    const ends = operation["x-ends-session"];
    await t.step(`${operation.method} ${operation.path}`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const client = ends ? undefined : clients[round % 7 === 6 ? 3 : round % 3];
        const { url, init } = requestOf(operation, client);
        const response = await fetch(url, init);
        const text = await response.text();
        const what = `${init.method} ${url} ${
          typeof init.body === "string" ? init.body.slice(0, 300) : ""
        } → ${response.status} ${text.slice(0, 300)}`;
        assert.ok(response.status < 500, what);
        const described = operation.responses[response.status];
        assert.ok(described, `undescribed: ${what}`);
        const type = response.headers.get("Content-Type")?.split(";")[0];
        const content = described.content && text ? described.content[type!] : undefined;
        if (described.content && operation.method !== "HEAD") {
          assert.ok(content, `undescribed media type ${type}: ${what}`);
        }
        if (content?.schema && type !== "text/csv") {
          assert.equal(misfit(JSON.parse(text), content.schema), undefined, what);
        }
      }
    });
  }
  await server.close();
});

function isOfType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  if (type === "boolean") return typeof value === "boolean";
  return type === "number" ? typeof value === "number" : typeof value === "string";
}

/** Ids that requests may name: things that other operations do not need. */
async function seedIds(server: TestServer): Promise<string[]> {
  const client = await server.client();
  const person = await server.addPerson({ role: "user" });
  const { tenants: _, sessions: __, uploads: ___, ...things } = await makeThings(server, client, {
    name: "Thing",
    person,
  });
  const placeholder = await client.json("POST", "/api/v1/assets", {
    title: "placeholder",
    asset_type: "video",
  }, 201);
  return [...new Set(Object.values(things)), placeholder.id, crypto.randomUUID()];
}
