// The list of jobs and the pulse in the top bar, moving while one looks.
import { fetchPart, morph, seldom } from "../kit/fragments.ts";
import type { Follower, JobHint } from "../kit/live.ts";

/** Follows jobs: progress at once, other changes by reading the row, what is new by reading the list. */
export function startJobs(): Follower {
  const readList = seldom(1_500, reloadList);
  const beat = seldom(1_000, readPulse);
  return {
    jobs(hints) {
      const changed = hints.filter((hint) => !showProgress(hint));
      if (changed.length > 0) beat();
      if (!document.getElementById("job-list") || changed.length === 0) return;
      const filtered = new URLSearchParams(location.search).has("status");
      if (filtered || changed.some((hint) => !findRow(hint.id))) readList();
      else for (const hint of changed) refreshRow(hint.id);
    },
    missed() {
      beat();
      readList();
    },
  };
}

function findRow(id: string): HTMLElement | null {
  return document.getElementById(`job-${id}`);
}

/** Moves the bars of a job that goes on as before. False when more than its progress changed. */
function showProgress(hint: JobHint): boolean {
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

async function readPulse(): Promise<void> {
  const html = await fetchPart("/activity");
  const pulse = document.getElementById("activity");
  if (pulse && html) await morph(pulse, html);
}

async function refreshRow(id: string): Promise<void> {
  const html = await fetchPart(`/jobs/${id}/row`);
  const row = findRow(id);
  if (row && html) await morph(row, html);
}

async function reloadList(): Promise<void> {
  const path = document.getElementById("job-list")?.dataset.jobs;
  const html = path && await fetchPart(path);
  const list = document.getElementById("job-list");
  if (html && list?.dataset.jobs === path) await morph(list!, html);
}
