// `deno task user create|reset-password EMAIL`: for the operator's shell, when no administrator can sign in.
import { parseArgs } from "node:util";
import { z } from "zod";
import { ROLES } from "../lib/access/context.ts";
import { ConfigError, loadConfig } from "../lib/platform/config.ts";
import { type Database, openDatabase } from "../lib/platform/db/database.ts";
import { errorMessage } from "../lib/platform/errors.ts";
import { getTenantId } from "../lib/tenancy/tenants/tenants.ts";
import { createUserAsOperator, resetPasswordAsOperator } from "../lib/identity/users/by_operator.ts";
import { emailSchema } from "../lib/identity/users/schema.ts";

const USAGE = `Usage: deno task user create EMAIL [--role ${
  ROLES.join("|")
}] [--superuser] [--tenant CODE] [--name NAME]
       deno task user reset-password EMAIL [--tenant CODE]`;

const inputSchema = z.object({
  command: z.enum(["create", "reset-password"]),
  email: emailSchema,
  role: z.enum(ROLES).default("admin"),
  superuser: z.boolean().default(false),
  tenant: z.string().optional(),
  name: z.string().trim().min(1).max(255).optional(),
});

try {
  const input = readInput();
  const config = loadConfig();
  const db = await openDatabase(config);
  const { email, tenant, password } = input.command === "create"
    ? await create(db, { ...input, tenant: input.tenant ?? config.AKASHI_TENANT })
    : await resetPasswordAsOperator({ db }, input.email, input.tenant);
  await db.close();
  console.log(`${email} in ${tenant} signs in with: ${password}`);
} catch (error) {
  console.error(
    (error instanceof ConfigError ? "Invalid configuration:\n" : "") + errorMessage(error),
  );
  Deno.exit(1);
}

function readInput() {
  const text = { type: "string" } as const;
  const options = { role: text, tenant: text, name: text, superuser: { type: "boolean" } } as const;
  const { values, positionals: [command, email, ...rest] } = parseArgs({ options, allowPositionals: true });
  const input = inputSchema.safeParse({ ...values, command, email });
  if (!input.success || rest.length > 0) throw new Error(USAGE);
  return input.data;
}

async function create(db: Database, input: z.infer<typeof inputSchema> & { tenant: string }) {
  const { tenant, email, name, role, superuser: isSuperuser } = input;
  const tenantId = await getTenantId({ db }, tenant);
  return await createUserAsOperator({ db }, { tenantId, tenant, email, name, role, isSuperuser });
}
