// One thing of each kind that an address can name, for generated tests. A new noun with an id in its addresses adds its
// own here; a route whose id stands for none of them fails tenancy_test.ts.
import { tinyPng } from "./media.ts";
import type { Client, Person, TestServer } from "./server.ts";

export type Things = Awaited<ReturnType<typeof makeThings>>;
export type ThingName = keyof Things;

/** Values that fit wherever a body has a field of this name. A noun whose bodies require another field adds it. */
export const FITTING: Record<string, string | number> = {
  title: "changed",
  name: "changed",
  visibility: "internal",
  asset_type: "image",
};

interface Options {
  /** Part of every name, title and address. */
  name: string;
  /** The account that stands for accounts, and has a passkey. */
  person: Person;
}

/** Makes one thing of each kind in the tenant of `client`; answers their ids by the word that stands before an id. */
export async function makeThings(server: TestServer, client: Client, { name, person }: Options) {
  const unique = crypto.randomUUID();
  const { asset_id, jobs } = await ingest(client, name);
  const provider = await client.json("POST", "/api/v1/providers", providerOf(name), 201);
  const key = await client.json("POST", "/api/v1/api-keys", { name }, 201);
  const invitation = await client.json(
    "POST",
    "/api/v1/auth/invitations",
    { email: `${name}-${unique}@example.org` },
    201,
  );
  const group = await client.json("POST", "/api/v1/groups", { name: `${name} ${unique}` }, 201);
  await client.json("PUT", `/api/v1/groups/${group.id}/members/${person.id}`);
  const [session] = await client.json("GET", "/api/v1/auth/sessions");
  const { tenant_id } = await client.json("GET", "/api/v1/auth/me");
  return {
    assets: asset_id,
    jobs: jobs[0]!.id,
    uploads: await startUpload(client, name),
    users: person.id,
    people: person.id,
    passkeys: await server.addPasskey(person),
    invitations: invitation.id as string,
    sessions: session.id as string,
    groups: group.id as string,
    providers: provider.id as string,
    identities: provider.id as string,
    "api-keys": key.id as string,
    keys: key.id as string,
    tenants: tenant_id as string,
  };
}

async function ingest(client: Client, name: string): Promise<{ asset_id: string; jobs: { id: string }[] }> {
  const form = new FormData();
  form.set("file", new File([tinyPng()], `${name}.png`));
  const response = await client.fetch("/api/v1/ingest", { method: "POST", body: form });
  return await response.json();
}

async function startUpload(client: Client, name: string): Promise<string> {
  const response = await client.fetch("/api/v1/uploads", {
    method: "POST",
    headers: {
      "Tus-Resumable": "1.0.0",
      "Upload-Length": "10",
      "Upload-Metadata": `filename ${btoa(`${name}.png`)}`,
    },
  });
  await response.body?.cancel();
  return response.headers.get("Location")!.split("/").at(-1)!;
}

function providerOf(name: string) {
  return { name, issuer: `https://${name.toLowerCase()}.example.org`, client_id: "akashi" };
}
