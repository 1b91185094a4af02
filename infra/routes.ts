// `deno task routes`: writes docs/routes.md, the table of all routes and their policies, from the declarations.
import { isOpenToReadOnly } from "../lib/access/permissions.ts";
import type { Platform } from "../lib/platform/platform.ts";
import { createApp } from "../routes/app.ts";
import { type DeclaredRoute, listRoutes } from "../routes/declare.ts";
import { isPermission, type Policy } from "../routes/policy.ts";

const FILE = new URL("../docs/routes.md", import.meta.url);
const HEAD = `# Routes

Every route with what it declares about itself, printed by \`deno task routes\`; a test holds that this page is true.
Roles and permissions are in \`lib/access/permissions.ts\`, what each column means in \`routes/policy.ts\`.

- **who**: \`public\` takes anonymous requests too, \`signed_url\` whoever holds a signed address, everything else
  is a permission of the actor's role. "or" names who else passes; the verb checks that.
- **rate**: \`standard\` counts by account, key, tenant and address; \`page\` and \`media\` by account, or by address
  when anonymous.
- **body**: \`json\` and \`form\` are limited and read whole, \`stream\` is read while it arrives.
- **time**: \`request\` ends after REQUEST_TIMEOUT_SECONDS.
- **open**: \`enrolment\` to an account that must set up a second factor first, \`read-only\` to a tenant that is
  read-only.

`;
const COLUMNS = ["method", "path", "who", "rate", "body", "time", "open"] as const;

/** The page as it should be. */
export function printRoutes(): string {
  const app = createApp({ config: {} } as Platform);
  const routes = listRoutes(app).sort((a, b) =>
    a.path.localeCompare(b.path) || a.method.localeCompare(b.method)
  );
  const rows = [COLUMNS, COLUMNS.map(() => "---"), ...routes.map(rowOf)];
  return HEAD + rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n") + "\n";
}

function rowOf({ method, path, policy }: DeclaredRoute): string[] {
  const { rate, body, time } = policy;
  return [method, `\`${path}\``, whoOf(policy), rate, method === "GET" ? "" : body, time, openOf(policy)];
}

function whoOf({ who, orElse, variants = [] }: Policy): string {
  const others = orElse ? `, or ${orElse.when}` : "";
  return `${who}${others}${variants.map(({ query, who }) => `; ${who} with \`${query}\``).join("")}`;
}

function openOf({ who, beforeEnrolment }: Policy): string {
  const isRead = !isPermission(who) || isOpenToReadOnly(who);
  return [beforeEnrolment && "enrolment", isRead && "read-only"].filter(Boolean).join(", ");
}

if (import.meta.main) await Deno.writeTextFile(FILE, printRoutes());
