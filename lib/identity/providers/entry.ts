// Coming in with an account of another house: there, back, and who that is here.
import { z } from "zod";
import { type Actor, makeActor, type Role } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { type AuditSource, record } from "../../audit/audit.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import type { Sql } from "../../platform/db/database.ts";
import { hasReason } from "../../platform/errors.ts";
import { quotaError } from "../../tenancy/quotas/schema.ts";
import { userError } from "../users/reasons.ts";
import {
  type Attempt,
  beginOidc,
  type Claims,
  finishOidc,
  type OidcClient,
  type Trouble,
} from "../../platform/outbound/oidc.ts";
import { unseal } from "../../platform/secrets.ts";
import { text } from "../../platform/text.ts";
import { addUser, followRole } from "../users/people.ts";
import { highestRole } from "../../access/permissions.ts";
import { emailSchema } from "../users/schema.ts";
import { findUserById, findUsersByEmail, type UserRow } from "../users/users.ts";
import { SECRET_PURPOSE } from "./providers.ts";
import * as queries from "./queries.ts";
import type { ProviderRow } from "./queries.ts";

/** Why somebody does not get in; pages have words for each. */
export type Refusal =
  | Trouble["trouble"]
  | "unknown"
  | "no_email"
  | "unverified"
  | "domain"
  | "not_linked"
  | "not_invited"
  | "full"
  | "inactive";

export interface Refused {
  refusal: Refusal;
  /** Its name, where there is one. */
  provider?: string;
}

/** Somebody whom a provider knows, with an account here. */
export interface Known {
  user: UserRow;
  /** Its name. */
  provider: string;
  /** The provider stands for a second factor. */
  isStrong: boolean;
}

const claimsSchema = z.object({
  sub: text(255).min(1),
  email: emailSchema.optional().catch(undefined),
  email_verified: z.union([z.boolean(), z.literal("true").transform(() => true)]).catch(false),
  name: text(255).trim().min(1).optional().catch(undefined),
  amr: z.array(z.string()).default([]).catch([]),
});
type Somebody = z.output<typeof claimsSchema>;
/** The ways of proving who one is that are knowledge (RFC 8176, section 2). */
const KNOWLEDGE = ["pwd", "pin", "kba"];

/** Where to send the browser. `redirectUri` is where the provider sends it back to. */
export async function beginEntry(
  platform: Platform,
  id: string,
  redirectUri: string,
  { again }: { again: boolean },
): Promise<{ url: string; attempt: Attempt } | Refused> {
  const provider = await findOpen(platform, id);
  if (!provider) return { refusal: "unknown" };
  const client = clientOf(platform, provider, redirectUri);
  if (!client) return refuse(platform, provider, "unsound", "client secret cannot be opened");
  const begun = await beginOidc(platform.config, client, { again });
  return "trouble" in begun ? refuse(platform, provider, begun.trouble, begun.reason) : begun;
}

/** What was remembered on the way there, and how the browser came back. */
export interface Return {
  attempt: Attempt;
  redirectUri: string;
  callback: URL;
}

/** Who came back, with an account here and the role that their groups give them; or why they do not get in. */
export async function finishEntry(
  platform: Platform,
  id: string,
  { attempt, redirectUri, callback }: Return,
  from: Pick<AuditSource, "address" | "requestId">,
): Promise<Known | Refused> {
  const provider = await findOpen(platform, id);
  if (!provider) return { refusal: "unknown" };
  const client = clientOf(platform, provider, redirectUri);
  if (!client) return refuse(platform, provider, "unsound", "client secret cannot be opened");
  const finished = await finishOidc(platform.config, client, attempt, callback);
  if ("trouble" in finished) return refuse(platform, provider, finished.trouble, finished.reason);
  const parsed = claimsSchema.safeParse(finished.claims);
  if (!parsed.success) return refuse(platform, provider, "unsound", "sub does not fit");
  const by = { ...from, actor: actorOf(provider) };
  const role = roleOf(provider, finished.claims);
  const user = await mapConflict(
    platform.db.asSystem((sql) => admit(sql, platform, by, provider, parsed.data, role)),
  );
  if (typeof user === "string") return refuse(platform, provider, user);
  return { user, provider: provider.name, isStrong: provider.is_strong && !isKnowledgeAlone(parsed.data) };
}

/** Whether the provider says so; one that tells no ways is believed to ask for what its administrators say it does. */
function isKnowledgeAlone({ amr }: Somebody): boolean {
  return amr.length > 0 && amr.every((way) => KNOWLEDGE.includes(way));
}

async function admit(
  sql: Sql,
  platform: Platform,
  by: AuditSource,
  provider: ProviderRow,
  somebody: Somebody,
  role: Role | undefined,
): Promise<UserRow | Refusal> {
  await queries.lockSubject(sql, provider.id, somebody.sub);
  const [identity] = await queries.findIdentity(sql, provider.id, somebody.sub);
  const known = identity ? await findUserById(sql, identity.user_id) : undefined;
  const user = known ?? await meet(sql, platform, by, provider, somebody, role);
  if (typeof user === "string") return user;
  if (!user.is_active) return "inactive";
  // Whoever keeps the providers of one tenant must not become somebody who may do everything in all of them.
  if (user.is_superuser) return "not_linked";
  if (!role || role === user.role) return user;
  await followRole(sql, by, user.id, role);
  return (await findUserById(sql, user.id))!;
}

/** The account of somebody who comes for the first time: theirs already, or a new one, as the tenant allows. */
async function meet(
  sql: Sql,
  platform: Platform,
  by: AuditSource,
  provider: ProviderRow,
  { sub, email, email_verified, name }: Somebody,
  role: Role | undefined,
): Promise<UserRow | Refusal> {
  if (!email) return "no_email";
  if (!email_verified) return "unverified";
  const { id: providerId, tenant_id: tenantId, tenant_code, tenant_status, email_domains } = provider;
  if (email_domains.length > 0 && !email_domains.includes(email.split("@")[1]!)) return "domain";
  const [there] = await findUsersByEmail(sql, email, tenant_code);
  if (there && (!provider.links_users || there.is_superuser)) return "not_linked";
  if (there && !there.is_active) return "inactive";
  if (!there && (!provider.creates_users || tenant_status !== "active")) return "not_invited";
  const account = { email, name, role: role ?? provider.default_role, passwordHash: null };
  const { id: userId } = there ?? await addUser(sql, by, account);
  await queries.insertIdentity(sql, { providerId, subject: sub, tenantId, userId });
  if (there) await enqueueSecurityNotice(sql, platform, userId, "provider_linked");
  const target = { id: userId, name: email };
  await record(sql, by, { action: "identity.create", target, after: { provider: provider.name } });
  return (await findUserById(sql, userId))!;
}

/**
 * The highest role that one of somebody's groups stands for, the default one when none does: whoever left their groups
 * loses what those gave. Undefined where groups are not used, and roles are kept here.
 */
function roleOf({ group_claim, group_roles, default_role }: ProviderRow, claims: Claims): Role | undefined {
  if (!group_claim) return undefined;
  const groups = [claims[group_claim] ?? []].flat().filter((group) => typeof group === "string");
  const roles = groups.flatMap((group) => Object.hasOwn(group_roles, group) ? [group_roles[group]!] : []);
  return highestRole(roles) ?? default_role;
}

/** Turns a full tenant, and an address that another provider has just registered, into a refusal. */
async function mapConflict(admitting: Promise<UserRow | Refusal>): Promise<UserRow | Refusal> {
  try {
    return await admitting;
  } catch (error) {
    if (hasReason(error, quotaError, "users")) return "full";
    if (hasReason(error, userError, "email_taken")) return "not_linked";
    throw error;
  }
}

async function findOpen({ db }: Pick<Platform, "db">, id: string): Promise<ProviderRow | undefined> {
  const [provider] = await db.asSystem((sql) => queries.findOpen(sql, id));
  return provider;
}

/** Undefined when its secret was sealed under one of ours that is gone. */
function clientOf({ config }: Platform, provider: ProviderRow, redirectUri: string): OidcClient | undefined {
  const { id, issuer, client_id: clientId, client_secret, scopes } = provider;
  const client = { issuer, scopes, redirectUri, clientId };
  if (client_secret === null) return { ...client, clientSecret: null };
  const opened = unseal(config, SECRET_PURPOSE, id, client_secret);
  return opened && { ...client, clientSecret: opened.text };
}

/** The provider itself: it acts before an account is known. */
function actorOf({ tenant_id, tenant_code, name, issuer }: ProviderRow): Actor {
  return makeActor({ tenantId: tenant_id, tenantCode: tenant_code, email: `${name} (${issuer})` });
}

function refuse({ log }: Platform, provider: ProviderRow, refusal: Refusal, reason?: string): Refused {
  const { id, tenant_id, name } = provider;
  log.warn("provider_sign_in_refused", { provider_id: id, tenant_id, refusal, reason });
  return { refusal, provider: name };
}
