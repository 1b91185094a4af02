import type { Ui } from "../ui.ts";
import { Icon } from "./icons.tsx";

export interface JobCounts {
  /** Waiting and running. */
  running: number;
  failed: number;
}

/** Counts of running and failed jobs in the top bar; fetched again when a job changes. */
export function Activity({ ui, jobs }: { ui: Ui; jobs: JobCounts }) {
  const idle = jobs.running === 0 && jobs.failed === 0;
  return (
    <a id="activity" class="button button--bare activity" href="/jobs" title={ui.t("app.activity")}>
      {idle && (
        <span class="state">
          <Icon name="check" /> <span class="sr-only">{ui.t("app.activity_idle")}</span>
        </span>
      )}
      {jobs.running > 0 && (
        <span class="state state--busy">
          <Icon name="running" /> {ui.number(jobs.running)}{" "}
          <span class="sr-phone">{ui.t("app.running")}</span>
        </span>
      )}
      {jobs.failed > 0 && (
        <span class="state state--bad">
          <Icon name="warning" /> {ui.number(jobs.failed)} <span class="sr-phone">{ui.t("app.failed")}</span>
        </span>
      )}
    </a>
  );
}
