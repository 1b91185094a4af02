// Live updates of the job list and of the job counts in the top bar.
import { coalesce, fetchPart, morph } from "../kit/fragments.ts";
import { type Follower, on } from "../kit/live.ts";
import type { AssetEvent } from "../../lib/library/assets/events.ts";
import type { JobEvent } from "../../lib/work/jobs/events.ts";

/** Follows jobs: progress is shown at once, other changes reload the row, new and failed jobs the list. */
export function startJobs(): Follower {
  const readList = coalesce(1_500, reloadList);
  const reloadCounts = coalesce(1_000, readJobCounts);

  function followJobs(hints: JobEvent[]): void {
    const changed = hints.filter((hint) => !showProgress(hint));
    // The counts do not tell waiting from running.
    if (changed.some(({ status }) => status !== "processing")) reloadCounts();
    if (!document.getElementById("job-list") || changed.length === 0) return;
    const filtered = new URLSearchParams(location.search).has("status");
    const moves = changed.some((hint) => hint.status === "failed" || !findRow(hint));
    if (filtered || moves) readList();
    else for (const hint of new Map(changed.map((hint) => [rowId(hint), hint])).values()) refreshRow(hint);
  }

  return {
    subscriptions: [
      on<JobEvent>("job", followJobs),
      // A new asset brings jobs, one in the trash takes them along.
      on<AssetEvent>("asset", reloadCounts),
    ],
    missed() {
      reloadCounts();
      readList();
    },
  };
}

/** The row of a job is that of its asset. */
function rowId({ id, asset_id }: JobEvent): string {
  return `work-${asset_id ?? id}`;
}

function findRow(hint: JobEvent): HTMLElement | null {
  return document.getElementById(rowId(hint));
}

/** Updates the progress bars of a running job. False when more than its progress changed. */
function showProgress(hint: JobEvent): boolean {
  if (hint.status !== "processing") return false;
  const bars = document.querySelectorAll<HTMLProgressElement>(
    `[data-progress-of-job="${CSS.escape(hint.id)}"]`,
  );
  for (const bar of bars) {
    bar.value = hint.progress;
    const percent = bar.parentElement?.querySelector("[data-percent]");
    if (percent) percent.textContent = percentText(hint.progress);
  }
  return bars.length > 0;
}

function percentText(value: number): string {
  return new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(value / 100);
}

async function readJobCounts(): Promise<void> {
  const html = await fetchPart("/activity");
  const counts = document.getElementById("activity");
  if (counts && html) await morph(counts, html);
}

async function refreshRow(hint: JobEvent): Promise<void> {
  const html = await fetchPart(`/jobs/${hint.id}/row`);
  const row = findRow(hint);
  if (row && html) await morph(row, html);
}

async function reloadList(): Promise<void> {
  const path = document.getElementById("job-list")?.dataset.jobs;
  const html = path && await fetchPart(path);
  const list = document.getElementById("job-list");
  if (html && list?.dataset.jobs === path) await morph(list!, html);
}
