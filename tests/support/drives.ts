// How each route that changes something is brought to success, for generated tests: which body, which account, and what
// has to be there before. A route without an entry here is asked about `things` with the fields that fit everywhere.
import { newId } from "../../lib/platform/ids.ts";
import type { stopClock } from "./authenticator.ts";
import { type Mailbox, tokenIn } from "./mailbox.ts";
import { tinyPng } from "./media.ts";
import { signInCookie } from "./router.ts";
import { type Client, PASSWORD, type Person, type TestServer } from "./server.ts";
import type { Things } from "./things.ts";

/** An account with all that it signs in by. */
export interface Driver {
  person: Person;
  client: Client;
  cookie: string;
}

export interface World {
  server: TestServer;
  /** A superuser, who may do everything. */
  root: Driver;
  /** What addresses may name, in the tenant of `root`. */
  things: Things;
  mailbox: Mailbox;
  codeOf: ReturnType<typeof stopClock>;
  /** Another superuser, whose sessions and factors may change. */
  fresh(): Promise<Driver>;
}

export interface Drive {
  /** For the parameters of the path, instead of what `things` has. */
  id?: string;
  user_id?: string;
  fields?: Record<string, string>;
  body?: BodyInit;
  headers?: Record<string, string>;
  as?: Driver;
}

const NEW_PASSWORD = "three blue herons";
const TUS = { "Tus-Resumable": "1.0.0" };
const FACTOR = "/api/v1/auth/me/second-factor";

const withApp = async (world: World): Promise<Drive> => ({ as: (await driverWithApp(world)).as });
const withAppInBrowser = async (world: World): Promise<Drive> => {
  const as = await world.fresh();
  // Confirming ends the account's other sessions, so the browser has to do it.
  const send = (path: string, body?: object) =>
    fetch(world.server.url + path, {
      method: "POST",
      headers: { Cookie: as.cookie, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
  const { secret } = await (await send(`${FACTOR}/totp`)).json();
  const confirmed = await send(`${FACTOR}/totp/confirm`, { code: world.codeOf(secret) });
  await confirmed.body?.cancel();
  return { as: { ...as, cookie: confirmed.headers.get("Set-Cookie")?.split(";")[0] ?? as.cookie } };
};
const confirmApp = async (world: World): Promise<Drive> => {
  const as = await world.fresh();
  const { secret } = await as.client.json("POST", `${FACTOR}/totp`, undefined, 201);
  return { as, fields: { code: world.codeOf(secret) } };
};
const ownPasskey = async ({ server, fresh }: World): Promise<Drive> => {
  const as = await fresh();
  return { as, id: await server.addPasskey(as.person) };
};
const ownSession = async ({ fresh }: World): Promise<Drive> => {
  const as = await fresh();
  const [session] = await as.client.json("GET", "/api/v1/auth/sessions");
  return { as, id: session.id };
};
const changedPassword = async ({ fresh }: World): Promise<Drive> => ({
  as: await fresh(),
  fields: { current_password: PASSWORD, new_password: NEW_PASSWORD, repeated: NEW_PASSWORD },
});
const forgotten = async ({ fresh }: World): Promise<Drive> => ({
  fields: { email: (await fresh()).person.email },
});
const resetLink = async ({ server, fresh, mailbox }: World): Promise<Drive> => {
  const { person: { email } } = await fresh();
  await postJson(server, "/api/v1/auth/password-reset", { email });
  return {
    fields: { token: tokenIn((await mailbox.next(email)).text, "reset"), new_password: NEW_PASSWORD },
  };
};
const emailLink = async ({ fresh, mailbox }: World): Promise<Drive> => {
  const { client, person } = await fresh();
  const email = `new-${person.email}`;
  await client.json("PATCH", "/api/v1/auth/me", { email });
  return { fields: { token: tokenIn((await mailbox.next(email)).text, "confirm-email") } };
};
const ownIdentity = async ({ server, fresh, things }: World): Promise<Drive> => {
  const as = await fresh();
  const { id: user_id, tenantId: tenant_id } = as.person;
  const row = { tenant_id, user_id, provider_id: things.providers, subject: newId() };
  await server.platform.db.asTenant(tenant_id, (sql) => sql`insert into identities ${sql(row)}`);
  return { as, id: things.providers };
};
const failedJob = async ({ server, things, root }: World): Promise<Drive> => {
  await server.platform.db.asTenant(
    root.person.tenantId,
    (sql) => sql`update jobs set status = 'failed' where id = ${things.jobs}`,
  );
  return {};
};
const trashed = async ({ root, things }: World): Promise<Drive> => {
  await root.client.json("DELETE", `/api/v1/assets/${things.assets}`);
  return {};
};
const otherPerson = async ({ fresh }: World): Promise<Drive> => {
  const { person: { id } } = await fresh();
  return { user_id: id, fields: { user_id: id } };
};
const otherTenant = (status: string) => async ({ server }: World): Promise<Drive> => {
  const { tenantId: id } = await server.addPerson({ tenant: `t${newId().slice(-8)}` });
  await server.platform.db.asSystem((sql) => sql`update tenants set status = ${status} where id = ${id}`);
  return { id };
};
const signIn = async ({ fresh }: World): Promise<Drive> => {
  const { person: { email, tenantCode } } = await fresh();
  return { fields: { email, password: PASSWORD, tenant_code: tenantCode } };
};

/** By method and path, as declared. */
export const DRIVES: Record<string, (world: World) => Promise<Drive>> = {
  "POST /api/v1/auth/login": signIn,
  "POST /api/v1/auth/refresh": async ({ server, root }) => {
    const { email, tenantCode: tenant_code } = root.person;
    const pair = await postJson(server, "/api/v1/auth/login", { email, password: PASSWORD, tenant_code });
    return { fields: { refresh_token: (await pair.json()).refresh_token } };
  },
  "POST /api/v1/auth/confirm-email": emailLink,
  "POST /api/v1/auth/me/change-password": changedPassword,
  "DELETE /api/v1/auth/me/identities/:id": ownIdentity,
  "DELETE /api/v1/auth/me/passkeys/:id": ownPasskey,
  "PATCH /api/v1/auth/me/passkeys/:id": ownPasskey,
  [`POST ${FACTOR}/totp/confirm`]: confirmApp,
  [`DELETE ${FACTOR}/totp`]: withApp,
  [`POST ${FACTOR}/recovery-codes`]: withApp,
  "POST /api/v1/auth/password-reset": forgotten,
  "POST /api/v1/auth/password-reset/confirm": resetLink,
  "DELETE /api/v1/auth/sessions/:id": ownSession,
  "PUT /api/v1/groups/:id/members/:user_id": otherPerson,
  "PATCH /api/v1/tenants/:id": otherTenant("active"),
  "POST /api/v1/assets/:id/restore": trashed,
  "DELETE /api/v1/assets/:id/renditions/:purpose": async ({ root, things }) => {
    const init = { method: "POST", body: formWith({ purpose: "thumbnail" }) };
    await (await root.client.fetch(`/api/v1/assets/${things.assets}/upload`, init)).body?.cancel();
    return {};
  },
  "POST /api/v1/assets/:id/upload": () => Promise.resolve({ body: formWith({ purpose: "thumbnail" }) }),
  "POST /api/v1/jobs/:id/retry": failedJob,
  "POST /api/v1/uploads": () =>
    Promise.resolve({
      headers: { ...TUS, "Upload-Length": "10", "Upload-Metadata": `filename ${btoa("a.png")}` },
    }),
  "POST /api/v1/uploads/:id": () =>
    Promise.resolve({
      headers: {
        ...TUS,
        "X-HTTP-Method-Override": "PATCH",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
      },
      body: new Uint8Array(10),
    }),

  "POST /admin/groups/:id/members": otherPerson,
  "POST /admin/people/:id/reactivate": async ({ root, things }) => {
    await root.client.json("DELETE", `/api/v1/auth/users/${things.people}`);
    return {};
  },
  "POST /admin/providers/:id": () =>
    Promise.resolve({ fields: { scopes: "openid email", default_role: "viewer" } }),
  "POST /admin/tenants/:id": async (world) => {
    const fields = { status: "read_only", type_image: "on", duplicate_rule: "keep" };
    return { ...await otherTenant("active")(world), fields };
  },
  "POST /admin/tenants/:id/suspend": otherTenant("active"),
  "POST /admin/tenants/:id/resume": otherTenant("suspended"),
  "POST /admin/tenants/:id/require-second-factor": otherTenant("active"),
  "POST /admin/tenants/:id/free-second-factor": async (world) => {
    const { id } = await otherTenant("active")(world);
    const settings = { require_second_factor: true };
    await world.root.client.json("PATCH", `/api/v1/tenants/${id}`, { settings });
    return { id };
  },
  "POST /assets/:id/restore": trashed,
  "POST /confirm-email": emailLink,
  "POST /forgot": forgotten,
  "POST /reset": resetLink,
  "POST /join": async ({ root }) => {
    const email = `${newId()}@example.org`;
    const { token } = await root.client.json("POST", "/api/v1/auth/invitations", { email }, 201);
    return { fields: { token, name: "Joined", password: PASSWORD } };
  },
  "POST /jobs/:id/retry": failedJob,
  "POST /settings/keys": () => Promise.resolve({ fields: { scope: "read", expires_in_days: "30" } }),
  "POST /settings/password": changedPassword,
  "POST /settings/security/totp/confirm": confirmApp,
  "POST /settings/security/totp/delete": withAppInBrowser,
  "POST /settings/security/recovery-codes": withAppInBrowser,
  "POST /settings/security/passkeys/:id/delete": ownPasskey,
  "POST /settings/security/identities/:id/delete": ownIdentity,
  "POST /settings/sessions/:id/end": ownSession,
  "POST /sign-in": signIn,
  "POST /sign-in/second-step": async (world) => {
    const { as, secret } = await driverWithApp(world);
    return { as: await halfSignedIn(world, as), fields: { otp: world.codeOf(secret, 1) } };
  },
  "POST /sign-in/second-step/options": async (world) => {
    const as = await world.fresh();
    await world.server.addPasskey(as.person);
    return { as: await halfSignedIn(world, as) };
  },
};

/** A form with a picture and these fields before it. */
export function formWith(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new File([tinyPng()], "a.png"));
  return form;
}

/** Signs an account in, by the API and in a browser. */
export async function driverOf(server: TestServer, person: Person): Promise<Driver> {
  const client = await server.client(person);
  return { person, client, cookie: await signInCookie(server.url, person.email, PASSWORD) };
}

async function driverWithApp(world: World): Promise<{ as: Driver; secret: string }> {
  const as = await world.fresh();
  const { secret } = await as.client.json("POST", `${FACTOR}/totp`, undefined, 201);
  await as.client.json("POST", `${FACTOR}/totp/confirm`, { code: world.codeOf(secret) });
  return { as, secret };
}

/** The account after the password, in a browser that owes the second step. */
async function halfSignedIn({ server }: World, as: Driver): Promise<Driver> {
  return { ...as, cookie: await signInCookie(server.url, as.person.email, PASSWORD) };
}

function postJson({ url }: TestServer, path: string, body: object): Promise<Response> {
  const headers = { "Content-Type": "application/json" };
  return fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
}
