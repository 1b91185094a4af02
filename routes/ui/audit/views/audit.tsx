// The audit trail: filter, table and export.
import {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditEntry,
  type AuditNoun,
  type AuditVerb,
  isAuditAction,
} from "../../../../lib/audit/schema.ts";
import type { Page } from "../../../../lib/platform/page.ts";
import { Changes } from "./changes.tsx";
import { Moment } from "../../kit/views/states.tsx";
import type { Ui } from "../../kit/ui.ts";
import { AdminPage } from "../../kit/views/admin.tsx";

/** The query of the page; days as `2026-01-31`, both inclusive. */
export interface AuditQuery {
  action?: AuditAction;
  from?: string;
  to?: string;
  cursor?: string;
}

interface AuditProps {
  ui: Ui;
  query: AuditQuery;
  entries: Page<AuditEntry>;
  exportPath: string;
}

export function AuditPage({ ui, query, entries, exportPath }: AuditProps) {
  return (
    <AdminPage ui={ui} here="/admin/audit">
      <div class="stack">
        <Filter ui={ui} query={query} exportPath={exportPath} />
        {entries.items.length === 0 ? <Nothing ui={ui} /> : <Entries ui={ui} entries={entries.items} />}
        {entries.next_cursor && (
          <div class="center">
            <a class="button" href={auditPath({ ...query, cursor: entries.next_cursor })}>
              {ui.t("audit.more")}
            </a>
          </div>
        )}
      </div>
    </AdminPage>
  );
}

function Filter({ ui, query, exportPath }: Omit<AuditProps, "entries">) {
  return (
    <form
      class="form__row"
      action="/admin/audit"
      method="get"
      hx-nonce={ui.nonce}
      hx-get="/admin/audit"
      hx-target="#page"
      hx-swap="outerHTML"
      hx-push-url="true"
      hx-trigger="change, submit"
    >
      <select class="input select" name="action" aria-label={ui.t("audit.what")}>
        <option value="">{ui.t("audit.all")}</option>
        {AUDIT_ACTIONS.map((action) => (
          <option value={action} selected={action === query.action}>{actionText(ui, action)}</option>
        ))}
      </select>
      {(["from", "to"] as const).map((end) => (
        <label class="form__row">
          <span class="quiet">{ui.t(`audit.${end}`)}</span>
          <input class="input select" type="date" name={end} value={query[end]} />
        </label>
      ))}
      <noscript>
        <button class="button" type="submit">{ui.t("library.apply")}</button>
      </noscript>
      <a class="button" href={exportPath} hx-nonce={ui.nonce} hx-boost="false" download="audit.csv">
        {ui.t("audit.export")}
      </a>
    </form>
  );
}

function Entries({ ui, entries }: { ui: Ui; entries: AuditEntry[] }) {
  return (
    <table class="table table--audit" aria-label={ui.t("audit.list")}>
      <thead>
        <tr>
          <th scope="col">{ui.t("audit.what")}</th>
          <th scope="col">{ui.t("audit.changes")}</th>
          <th scope="col">{ui.t("audit.who")}</th>
          <th scope="col">{ui.t("audit.where")}</th>
          <th scope="col">{ui.t("audit.when")}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => <EntryRow ui={ui} entry={entry} />)}
      </tbody>
    </table>
  );
}

function EntryRow({ ui, entry }: { ui: Ui; entry: AuditEntry }) {
  return (
    <tr>
      <td class="table__title" dir="auto">
        {actionText(ui, entry.action)}
        {entry.target_name && <span class="table__sub">{entry.target_name}</span>}
      </td>
      <td class="table__changes">
        <Changes ui={ui} entry={entry} />
      </td>
      <td dir="auto">
        {entry.actor_name ?? ui.t("audit.nobody")}
        {entry.api_key_id && <span class="table__sub">{ui.t("audit.by_key")}</span>}
      </td>
      <td class="table__address quiet">{entry.address}</td>
      <td class="table__age quiet">
        <Moment ui={ui} at={entry.created_at} />
      </td>
    </tr>
  );
}

function Nothing({ ui }: { ui: Ui }) {
  return (
    <div class="empty">
      <h2>{ui.t("audit.empty_title")}</h2>
      <p>{ui.t("audit.empty_text")}</p>
      <a class="button" href="/admin/audit">{ui.t("audit.clear")}</a>
    </div>
  );
}

/** What an entry is about, in words. */
export function actionText(ui: Ui, action: string): string {
  if (!isAuditAction(action)) return action;
  const [noun, verb] = action.split(".") as [AuditNoun, AuditVerb];
  return `${ui.t(`audit_noun.${noun}`)}: ${ui.t(`audit_verb.${verb}`)}`;
}

function auditPath(query: AuditQuery): string {
  const set = Object.entries(query).filter(([, value]) => value);
  return `/admin/audit?${new URLSearchParams(set)}`;
}
