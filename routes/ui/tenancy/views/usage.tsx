import type { Quota } from "../../../../lib/tenancy/quotas/schema.ts";
import type { Usage } from "../../../../lib/tenancy/usage/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import type { TextKey } from "../../kit/words.ts";
import { AdminPage } from "../../kit/views/admin.tsx";

interface UsageProps {
  ui: Ui;
  usage: Usage;
  quota: Quota;
}

const MEASURES = ["bytes", "assets", "users", "jobs"] as const;

export function UsagePage({ ui, usage, quota }: UsageProps) {
  return (
    <AdminPage ui={ui} here="/admin/usage">
      <div class="stack">
        <UsageTable ui={ui} usage={usage} quota={quota} />
        <Parts
          ui={ui}
          label="usage.by_purpose"
          parts={Object.entries(usage.bytes_by_purpose).map(([purpose, bytes]) => [
            ui.t(`usage.purpose_${purpose}` as TextKey),
            ui.bytes(bytes),
          ])}
        />
        <Parts
          ui={ui}
          label="usage.by_type"
          parts={Object.entries(usage.assets_by_type).map(([type, count]) => [
            ui.t(`type.${type}` as TextKey),
            ui.number(count),
          ])}
        />
      </div>
    </AdminPage>
  );
}

/** Usage, quota and share of the quota for each measure. */
export function UsageTable({ ui, usage, quota }: UsageProps) {
  return (
    <table class="table" aria-label={ui.t("usage.title")}>
      <thead>
        <tr>
          <th scope="col">{ui.t("usage.what")}</th>
          <th scope="col">{ui.t("usage.has")}</th>
          <th scope="col">{ui.t("usage.may")}</th>
          <th scope="col">{ui.t("usage.gone")}</th>
        </tr>
      </thead>
      <tbody>
        {MEASURES.map((measure) => <MeasureRow ui={ui} measure={measure} usage={usage} quota={quota} />)}
      </tbody>
    </table>
  );
}

function MeasureRow({ ui, measure, usage, quota }: UsageProps & { measure: typeof MEASURES[number] }) {
  const show = (value: number) => measure === "bytes" ? ui.bytes(value) : ui.number(value);
  const limit = quota[measure];
  const taken = usage[measure] + (measure === "bytes" ? usage.uploading_bytes : 0);
  const percent = limit ? Math.min(100, Math.floor(taken / limit * 100)) : 100;
  return (
    <tr>
      <td class="table__title">
        {ui.t(`usage.${measure}`)}
        <span class="table__sub">{ui.t(`usage.${measure}_text`)}</span>
      </td>
      <td>
        {show(usage[measure])}
        {measure === "bytes" && usage.uploading_bytes > 0 && (
          <span class="table__sub">{ui.t("usage.uploading", { size: ui.bytes(usage.uploading_bytes) })}</span>
        )}
      </td>
      {limit === null
        ? <td class="quiet">{ui.t("usage.unlimited")}</td>
        : <td class="table__limit">{show(limit)}</td>}
      <td class="table__progress">
        {limit !== null && (
          <div>
            <progress
              class={percent < 90 ? "is-accent" : undefined}
              max={100}
              value={percent}
              aria-label={ui.t(`usage.${measure}`)}
            />
            <span class="quiet">{ui.percent(percent)}</span>
          </div>
        )}
      </td>
    </tr>
  );
}

function Parts({ ui, label, parts }: { ui: Ui; label: TextKey; parts: [name: string, value: string][] }) {
  if (parts.length === 0) return null;
  return (
    <section aria-label={ui.t(label)}>
      <h2>{ui.t(label)}</h2>
      <dl class="facts">
        {parts.map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}
