// Authorization by a provider (OpenID Connect): sending the browser there, and the account of the person who returns.
import type { RequestOrigin } from "../../audit/audit.ts";
import {
  type Attempt,
  beginOidc,
  finishOidc,
  type OidcClient,
  type Trouble,
} from "../../platform/outbound/oidc.ts";
import type { Platform } from "../../platform/platform.ts";
import { unseal } from "../../platform/secrets.ts";
import type { UserRow } from "../users/users.ts";
import { type AccountRefusal, claimsSchema, type ProviderClaims, resolveAccount } from "./accounts.ts";
import { SECRET_PURPOSE } from "./providers.ts";
import * as queries from "./queries.ts";
import type { ProviderRow } from "./queries.ts";

/** Why a sign-in is refused; pages have a text for each. */
export type Refusal = Trouble["trouble"] | AccountRefusal | "unknown";

export interface Refused {
  refusal: Refusal;
  /** The provider's name; undefined for an unknown one. */
  provider?: string;
}

/** An account that a provider has authenticated. */
export interface ProviderAccount {
  user: UserRow;
  /** The provider's name. */
  provider: string;
  /** Counts as a second factor. */
  isStrong: boolean;
}

/** Authentication methods that are knowledge factors (RFC 8176, section 2). */
const KNOWLEDGE = ["pwd", "pin", "kba"];

/** Where to send the browser. `redirectUri` is where the provider sends it back to; `again` asks for a fresh sign-in. */
export async function beginAuthorization(
  platform: Platform,
  id: string,
  redirectUri: string,
  { again }: { again: boolean },
): Promise<{ url: string; attempt: Attempt } | Refused> {
  const opened = await openProvider(platform, id, redirectUri);
  if ("refusal" in opened) return opened;
  const { provider, client } = opened;
  const begun = await beginOidc(platform.config, client, { again });
  return "trouble" in begun ? refuse(platform, provider, begun.trouble, begun.reason) : begun;
}

/** The state of the attempt, and the address with which the browser came back. */
export interface Callback {
  attempt: Attempt;
  redirectUri: string;
  callback: URL;
}

/** The account of the person who came back, with the role that their groups give; or why they are refused. */
export async function finishAuthorization(
  platform: Platform,
  id: string,
  { attempt, redirectUri, callback }: Callback,
  from: RequestOrigin,
): Promise<ProviderAccount | Refused> {
  const opened = await openProvider(platform, id, redirectUri);
  if ("refusal" in opened) return opened;
  const { provider, client } = opened;
  const finished = await finishOidc(platform.config, client, attempt, callback);
  if ("trouble" in finished) return refuse(platform, provider, finished.trouble, finished.reason);
  const claims = claimsSchema.safeParse(finished.claims);
  if (!claims.success) return refuse(platform, provider, "unsound", "sub does not fit");
  const user = await resolveAccount(platform, provider, claims.data, finished.claims, from);
  if (typeof user === "string") return refuse(platform, provider, user);
  return { user, provider: provider.name, isStrong: provider.is_strong && !isKnowledgeOnly(claims.data) };
}

/** A provider that reports no methods is trusted to ask for what its administrators configured. */
function isKnowledgeOnly({ amr }: ProviderClaims): boolean {
  return amr.length > 0 && amr.every((method) => KNOWLEDGE.includes(method));
}

async function openProvider(
  platform: Platform,
  id: string,
  redirectUri: string,
): Promise<{ provider: ProviderRow; client: OidcClient } | Refused> {
  const [provider] = await platform.db.asSystem((sql) => queries.findOpen(sql, id));
  if (!provider) return { refusal: "unknown" };
  const client = clientOf(platform, provider, redirectUri);
  if (!client) return refuse(platform, provider, "unsound", "client secret cannot be opened");
  return { provider, client };
}

/** Undefined when the client secret was sealed under a secret that is no longer configured. */
function clientOf({ config }: Platform, provider: ProviderRow, redirectUri: string): OidcClient | undefined {
  const { id, issuer, client_id: clientId, client_secret, scopes } = provider;
  const client = { issuer, scopes, redirectUri, clientId };
  if (client_secret === null) return { ...client, clientSecret: null };
  const opened = unseal(config, SECRET_PURPOSE, id, client_secret);
  return opened && { ...client, clientSecret: opened.text };
}

function refuse({ log }: Platform, provider: ProviderRow, refusal: Refusal, reason?: string): Refused {
  const { id, tenant_id, name } = provider;
  log.warn("provider_sign_in_refused", { provider_id: id, tenant_id, refusal, reason });
  return { refusal, provider: name };
}
