// A tenant with an identity provider, and browsers that sign in there, step by step.
import type { Provider } from "../../lib/identity/providers/schema.ts";
import type { FakeProvider, Tale } from "./fake_provider.ts";
import type { TestServer } from "./server.ts";
import { openTenant, type TestTenant } from "./tenants.ts";

/** The answer to a browser that chose a provider. */
export interface Departure {
  status: number;
  /** Where the browser is sent. */
  to: string;
  /** The sealed state of this sign-in. */
  cookie?: string;
}

/** The answer to a browser that came back from a provider. */
export interface Arrival {
  status: number;
  to: string | null;
  /** The session cookie, unless the sign-in was refused. */
  session?: string;
  alert?: string;
  /** The sealed state was removed. */
  cleared: boolean;
}

export interface SignOn extends TestTenant {
  provider: Provider;
  /** Changes the provider. */
  change(fields: object): Promise<Provider>;
  /** Sends a new browser to the provider. */
  begin(query?: string, headers?: HeadersInit): Promise<Departure>;
  /** Signs in with a new browser, for which the provider answers `tale`. */
  enter(tale: Tale): Promise<Arrival>;
}

/** Creates a tenant whose provider, "Casa" unless `fields` say otherwise, is the fake one. */
export async function openSignOn(
  server: TestServer,
  fake: FakeProvider,
  fields: object = {},
): Promise<SignOn> {
  const tenant = await openTenant(server);
  const connection = { name: "Casa", issuer: fake.issuer, client_id: "akashi", ...fields };
  const provider = await tenant.admin.json("POST", "/api/v1/providers", connection, 201);
  const begin = (query?: string, headers?: HeadersInit) =>
    beginSignIn(server.url, provider.id, query, headers);
  return {
    ...tenant,
    provider,
    change: (fields) => tenant.admin.json("PATCH", `/api/v1/providers/${provider.id}`, fields),
    begin,
    enter: async (tale) => {
      const { to, cookie } = await begin();
      return await comeBack(fake.answer(to, tale), cookie);
    },
  };
}

/** Sends a new browser to the provider with this id. */
export async function beginSignIn(
  url: string,
  id: string,
  query = "",
  headers: HeadersInit = {},
): Promise<Departure> {
  const response = await fetch(`${url}/sign-in/with/${id}${query}`, { redirect: "manual", headers });
  await response.body?.cancel();
  const cookie = response.headers.getSetCookie().find((each) => each.startsWith("akashi-provider="));
  return { status: response.status, to: response.headers.get("Location")!, cookie: cookie?.split(";")[0] };
}

/** Follows the provider's redirect in a browser with these cookies, which reads Portuguese. */
export async function comeBack(callback: URL, cookie = ""): Promise<Arrival> {
  const headers = { Cookie: cookie, "Accept-Language": "pt-BR" };
  const response = await fetch(callback, { redirect: "manual", headers });
  const text = await response.text();
  const cookies = response.headers.getSetCookie();
  return {
    status: response.status,
    to: response.headers.get("Location"),
    session: cookies.find((each) => each.startsWith("akashi="))?.split(";")[0],
    alert: /role="alert"[^]*?<p>([^<]*)/.exec(text)?.[1],
    cleared: cookies.some((each) => /^akashi-provider=;.*Max-Age=0/.test(each)),
  };
}
