import type { ErrorCode } from "../../../../lib/platform/errors.ts";
import type { Ui } from "../ui.ts";
import { Page } from "./frame.tsx";

export interface Fault {
  code: ErrorCode | "internal" | "read_only";
  status: number;
  /** When a retry makes sense. */
  seconds?: number;
}

/** What happened, what is safe, what to do, and the request id to report. */
export function FaultNote({ ui, fault }: { ui: Ui; fault: Fault }) {
  return (
    <div class="fault">
      <p class="fault__code">{fault.status}</p>
      <h1>{ui.t(`fault.${fault.code}`)}</h1>
      <p class="quiet">
        {fault.code === "rate_limited" && fault.seconds
          ? ui.t("fault.rate_limited_for", { seconds: ui.number(fault.seconds) })
          : ui.t(`fault.${fault.code}_text`)}
      </p>
      <p class="quiet">
        {ui.t("fault.request")} <code>{ui.requestId}</code>
      </p>
      {ui.viewer
        ? <a class="button" href="/">{ui.t("fault.home")}</a>
        : <a class="button" href="/sign-in">{ui.t("fault.sign_in")}</a>}
    </div>
  );
}

export function FaultPage({ ui, fault }: { ui: Ui; fault: Fault }) {
  return (
    <Page ui={ui} name="fault">
      <FaultNote ui={ui} fault={fault} />
    </Page>
  );
}
