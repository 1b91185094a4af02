// Which account a person signs in to by a provider: the one linked to their subject, one with their address, a new one.
import { z } from "zod";
import { makeActor, type Role } from "../../access/context.ts";
import { highestRole } from "../../access/permissions.ts";
import { type AuditSource, record, type RequestOrigin } from "../../audit/audit.ts";
import type { Sql } from "../../platform/db/database.ts";
import { hasReason } from "../../platform/errors.ts";
import type { Claims } from "../../platform/outbound/oidc.ts";
import type { Platform } from "../../platform/platform.ts";
import { exactText, text } from "../../platform/text.ts";
import { quotaError } from "../../tenancy/quotas/schema.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import { addUser, followRole, notifyOfAdministrator } from "../users/people.ts";
import { userError } from "../users/reasons.ts";
import { emailSchema } from "../users/schema.ts";
import { findUserById, findUsersByEmail, type UserRow } from "../users/users.ts";
import * as queries from "./queries.ts";
import type { ProviderRow } from "./queries.ts";

/** Why a person gets no account. */
export type AccountRefusal =
  | "no_email"
  | "unverified"
  | "domain"
  | "not_linked"
  | "not_invited"
  | "full"
  | "inactive";

/** The claims of an ID token that name a person. All but the subject are optional. */
export const claimsSchema = z.object({
  sub: exactText(255).min(1),
  email: emailSchema.optional().catch(undefined),
  email_verified: z.union([z.boolean(), z.literal("true").transform(() => true)]).optional().catch(false),
  name: text(255).trim().min(1).optional().catch(undefined),
  amr: z.array(z.string()).default([]).catch([]),
});
export type ProviderClaims = z.output<typeof claimsSchema>;

/** The provider acts, since no account is known yet. */
type By = AuditSource & { platform: Platform; provider: ProviderRow; role: Role | undefined };

/**
 * The account of the person with these claims, with the role that `all` claims give. Links or creates it at the first
 * sign-in, as the tenant allows.
 */
export async function resolveAccount(
  platform: Platform,
  provider: ProviderRow,
  claims: ProviderClaims,
  all: Claims,
  from: RequestOrigin,
): Promise<UserRow | AccountRefusal> {
  const { tenant_id: tenantId, tenant_code: tenantCode, name, issuer } = provider;
  const actor = makeActor({ tenantId, tenantCode, email: `${name} (${issuer})` });
  const by = { ...from, actor, platform, provider, role: roleOf(provider, all) };
  try {
    return await platform.db.asSystem((sql) => resolve(sql, by, claims));
  } catch (error) {
    if (hasReason(error, quotaError, "users")) return "full";
    // Another provider has registered the same address meanwhile.
    if (hasReason(error, userError, "email_taken")) return "not_linked";
    throw error;
  }
}

async function resolve(sql: Sql, by: By, claims: ProviderClaims): Promise<UserRow | AccountRefusal> {
  const { provider, role } = by;
  await queries.lockSubject(sql, provider.id, claims.sub);
  const [identity] = await queries.touchIdentity(sql, provider.id, claims.sub);
  const linked = identity ? await findUserById(sql, identity.user_id) : undefined;
  const user = linked ?? await linkOrCreateAccount(sql, by, claims);
  if (typeof user === "string") return user;
  if (!user.is_active) return "inactive";
  // An administrator who configures one tenant's providers must not gain the rights of a superuser in all of them.
  if (user.is_superuser) return "not_linked";
  if (!role || role === user.role) return user;
  await followRole(sql, by, user.id, role);
  return (await findUserById(sql, user.id))!;
}

/** At the first sign-in: links the account that has this address, or creates one. */
async function linkOrCreateAccount(
  sql: Sql,
  by: By,
  { sub, email, email_verified, name }: ProviderClaims,
): Promise<UserRow | AccountRefusal> {
  const { provider, role, platform } = by;
  if (!email) return "no_email";
  const { email_domains, tenant_code, trusts_emails } = provider;
  // A trusted provider may leave the claim out, but what it calls unverified is not trusted.
  if (!(email_verified ?? trusts_emails)) return "unverified";
  if (email_domains.length > 0 && !email_domains.includes(email.split("@")[1]!)) return "domain";
  const [present] = await findUsersByEmail(sql, email, tenant_code);
  const refusal = refusalOf(provider, present);
  if (refusal) return refusal;
  const account = { email, name, role: role ?? provider.default_role, passwordHash: null };
  const { id: userId } = present ?? await addUser(sql, by, account);
  if (!present) await notifyOfAdministrator(sql, platform, by, account);
  const { id: providerId, tenant_id: tenantId } = provider;
  await queries.insertIdentity(sql, { providerId, subject: sub, tenantId, userId });
  if (present) await enqueueSecurityNotice(sql, platform, userId, "provider_linked");
  const target = { id: userId, name: email };
  await record(sql, by, { action: "identity.create", target, after: { provider: provider.name } });
  return (await findUserById(sql, userId))!;
}

function refusalOf(provider: ProviderRow, present: UserRow | undefined): AccountRefusal | undefined {
  if (!present) {
    return provider.creates_users && provider.tenant_status === "active" ? undefined : "not_invited";
  }
  if (!provider.links_users || present.is_superuser) return "not_linked";
  return present.is_active ? undefined : "inactive";
}

/**
 * The highest role mapped to one of the person's groups, or the default role: leaving a group takes its role away.
 * Undefined when the provider maps no groups and roles are set here.
 */
function roleOf({ group_claim, group_roles, default_role }: ProviderRow, claims: Claims): Role | undefined {
  if (!group_claim) return undefined;
  const groups = [claims[group_claim] ?? []].flat().filter((group) => typeof group === "string");
  const roles = groups.flatMap((group) => Object.hasOwn(group_roles, group) ? [group_roles[group]!] : []);
  return highestRole(roles) ?? default_role;
}
