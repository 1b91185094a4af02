// Setup before the first request: schema, buckets, the first tenant and its administrator.
import { setTimeout as pause } from "node:timers/promises";
import type { Platform } from "../../platform/platform.ts";
import { isDeployed } from "../../platform/config.ts";
import { verifyRowSecurity } from "../../platform/db/database.ts";
import { verifyLogin } from "../../platform/db/login.ts";
import { migrate, requireMigrated } from "../../platform/db/migrations.ts";
import { newToken } from "../../platform/secrets.ts";
import { resealProviders } from "../../identity/providers/providers.ts";
import { resealTotp } from "../../identity/second_factors/totp.ts";
import { ensureTenant } from "../../tenancy/tenants/tenants.ts";
import { createFirstAdministrator, listSuperusers } from "../../identity/users/users.ts";

/** The first administrator, when this start created one; printed once. */
export interface FirstAdministrator {
  email: string;
  /** The file of a generated password; null when the operator chose it. */
  passwordFile: string | null;
  password: string | null;
}

const BUCKET_RETRY_MS = 5_000;
const BUCKET_TRIES = 720;

/**
 * Migrates (in staging and production: requires that it was), verifies that tenants are isolated, and creates the first tenant and administrator. Several processes may run it
 * in parallel. Returns the administrator when this call created one. Throws when the database cannot be used.
 */
export async function prepareInstallation(platform: Platform): Promise<FirstAdministrator | undefined> {
  await prepareSchema(platform);
  prepareBuckets(platform);
  if (platform.config.AKASHI_SECRET_PREVIOUS) {
    const count = await resealTotp(platform) + await resealProviders(platform);
    platform.log.info("secrets_reencrypted", { count });
  }
  const tenantId = await ensureTenant(platform, platform.config.AKASHI_TENANT);
  const superusers = await listSuperusers(platform);
  if (superusers.length > 0) {
    warnOfUnusedSetting(platform, superusers);
    return undefined;
  }
  const administrator = await chooseAdministrator(platform);
  if (!administrator) return undefined;
  const { email, password } = administrator;
  const isCreated = await createFirstAdministrator(platform, { tenantId, email, password });
  if (!isCreated) return undefined;
  return { ...administrator, password: administrator.passwordFile ? password : null };
}

/** The settings name the first administrator alone: another address or password there changes nothing, and must say so. */
function warnOfUnusedSetting({ config, log }: Platform, superusers: string[]): void {
  const configured = config.AKASHI_ADMIN_EMAIL?.toLowerCase();
  if (!configured || superusers.includes(configured)) return;
  log.warn("administrator_ignored", {
    configured,
    administrator: superusers[0],
    hint:
      "AKASHI_ADMIN_EMAIL and AKASHI_ADMIN_PASSWORD count at the very first start alone. Sign in as the administrator " +
      "named here, or make another one: deno task user create EMAIL --superuser",
  });
}

/** Migrates as the schema's owner in development; elsewhere `deno task migrate` does, because servers log in with less. */
async function prepareSchema({ config, db, log }: Platform): Promise<void> {
  if (isDeployed(config)) {
    await requireMigrated(db);
    await verifyLogin(db);
  } else await migrate(db, log);
  await verifyRowSecurity(db);
}

/** The object store may start after this process: retries until the buckets exist. */
async function prepareBuckets({ storage, log }: Platform): Promise<void> {
  for (let tries = 1; tries <= BUCKET_TRIES; tries++) {
    try {
      return await storage.prepare();
    } catch (error) {
      log.warn("storage_not_ready", { tries, error });
      await pause(BUCKET_RETRY_MS, undefined, { ref: false });
    }
  }
}

/** The administrator that the operator configured; in development a generated one, with its password in the data folder. */
async function chooseAdministrator({ config, log }: Platform) {
  if (config.AKASHI_ADMIN_EMAIL && config.AKASHI_ADMIN_PASSWORD) {
    return { email: config.AKASHI_ADMIN_EMAIL, password: config.AKASHI_ADMIN_PASSWORD, passwordFile: null };
  }
  if (config.APP_ENV !== "development") {
    log.warn("no_administrator", {
      hint: "Set AKASHI_ADMIN_EMAIL and AKASHI_ADMIN_PASSWORD and start again.",
    });
    return undefined;
  }
  const email = "admin@akashi.local";
  const password = newToken().slice(0, 20);
  const passwordFile = `${config.AKASHI_DATA_DIR}/first-administrator.txt`;
  await Deno.mkdir(config.AKASHI_DATA_DIR, { recursive: true });
  await Deno.writeTextFile(passwordFile, `${email}\n${password}\n`, { mode: 0o600 });
  return { email, password, passwordFile };
}
