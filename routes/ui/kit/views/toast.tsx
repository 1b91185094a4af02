import type { Child } from "hono/jsx";
import type { Ui } from "../ui.ts";
import { Icon } from "./icons.tsx";
import type { Fault } from "./fault.tsx";

interface ToastProps {
  ui: Ui;
  text: string;
  /** The path whose POST undoes the action. */
  undo?: string;
}

/** A short notice that disappears by itself, with an undo button where there is one. */
export function Toast({ ui, text, undo }: ToastProps) {
  return (
    <div class="toast" data-toast role="status">
      <p>{text}</p>
      {undo && (
        <form
          method="post"
          action={undo}
          hx-nonce={ui.nonce}
          hx-boost='{"target":"#page","swap":"outerHTML show:none"}'
        >
          <button class="button button--small" type="submit">{ui.t("app.undo")}</button>
        </form>
      )}
      <Dismiss ui={ui} />
    </div>
  );
}

/** An error of a partial request; it stays until it is dismissed. */
export function FaultToast({ ui, fault }: { ui: Ui; fault: Fault }) {
  return (
    <div class="toast toast--bad" data-toast="stay" role="alert">
      <p>
        {ui.t(`fault.${fault.code}`)}. <span class="quiet">{ui.t(`fault.${fault.code}_text`)}</span>
        <span class="toast__id">
          {ui.t("fault.request")} <code>{ui.requestId}</code>
        </span>
      </p>
      <Dismiss ui={ui} />
    </div>
  );
}

/** Adds toasts to a partial response that swaps something else. */
export function BesideToasts({ children }: { children?: Child }) {
  return <hx-partial hx-target="#toasts" hx-swap="beforeend">{children}</hx-partial>;
}

function Dismiss({ ui }: { ui: Ui }) {
  return (
    <button
      class="button button--bare button--icon needs-script"
      type="button"
      data-dismiss
      aria-label={ui.t("app.dismiss")}
    >
      <Icon name="close" />
    </button>
  );
}
