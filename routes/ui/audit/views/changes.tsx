// What an audit entry changed, in words.
import type { AuditEntry } from "../../../../lib/audit/schema.ts";
import type { Ui } from "../../kit/ui.ts";

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:/;
const MAX_LETTERS = 80;
/** Fields with a closed list of values, and where their texts are. */
const VALUE_TEXTS: Record<string, string[]> = {
  asset_type: ["type."],
  asset_types: ["type."],
  default_role: ["role."],
  duplicate_rule: ["tenants.duplicates_"],
  role: ["role."],
  scopes: ["access.scope_"],
  status: ["status.", "tenants."],
  type: ["tenants.type_"],
  visibility: ["visibility."],
};

/** Fields with their values before and after; nothing for an entry without any. */
export function Changes(
  { ui, entry: { before, after } }: { ui: Ui; entry: Pick<AuditEntry, "before" | "after"> },
) {
  const all = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  // For a new or deleted record, fields with a value; for a change, also those that became empty.
  const isSaid = (name: string) => before && after || valueText(ui, name, (after ?? before)?.[name]) !== "";
  const names = [...all].filter(isSaid);
  if (names.length === 0) return null;
  return (
    <ul>
      {names.map((name) => (
        <li>
          <span class="quiet">{fieldText(ui, name)}:</span>{" "}
          {before && <del>{shown(ui, name, before[name])}</del>}{" "}
          {after && <ins>{shown(ui, name, after[name])}</ins>}
        </li>
      ))}
    </ul>
  );
}

function fieldText(ui: Ui, name: string): string {
  return ui.textsBelow("audit_field.")[name] ?? name;
}

function shown(ui: Ui, name: string, value: unknown): string {
  const text = valueText(ui, name, value) || "–";
  return text.length > MAX_LETTERS ? `${text.slice(0, MAX_LETTERS - 1)}…` : text;
}

/** A recorded value as text, "" for empty values; the export has it unchanged. */
function valueText(ui: Ui, name: string, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return ui.t(value ? "audit.yes" : "audit.no");
  if (typeof value === "string") return MOMENT.test(value) ? ui.dateTime(value) : wordOf(ui, name, value);
  if (Array.isArray(value)) return value.map((each) => valueText(ui, name, each)).filter(Boolean).join(", ");
  if (typeof value !== "object") return String(value);
  const parts = Object.entries(value).map(([part, each]) => ({ part, text: valueText(ui, part, each) }));
  // Ids are left out, because names are recorded beside them.
  const told = parts.filter(({ part, text }) => text && !part.endsWith("_id"));
  return told.map(({ part, text }) => `${fieldText(ui, part)}: ${text}`).join(", ");
}

function wordOf(ui: Ui, name: string, value: string): string {
  const found = VALUE_TEXTS[name]?.map((prefix) => ui.textsBelow(prefix)[value]).find(Boolean);
  return found ?? value;
}
