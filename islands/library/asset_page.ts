// Live updates of an asset's page while jobs run.
import { coalesce, fetchPart, morph, parsePart } from "../kit/fragments.ts";
import { htmx } from "../kit/htmx.ts";
import type { AssetEvent } from "../../lib/library/assets/events.ts";
import type { JobEvent } from "../../lib/work/jobs/events.ts";
import { readable } from "../kit/address.ts";
import { type Follower, on } from "../kit/live.ts";

/** Follows the asset that is shown, and its jobs. */
export function startAssetPage(): Follower {
  const read = coalesce(1_000, async () => {
    await Promise.all([readStage(), readPanel()]);
  });
  function readIfShown(ids: (string | null)[]): void {
    const shown = shownAsset();
    if (shown && ids.includes(shown)) read();
  }

  document.addEventListener("htmx:after:swap", () => {
    showTabInAddress();
    showTitle();
  });
  return {
    subscriptions: [
      on<AssetEvent>("asset", (hints) => readIfShown(hints.map(({ id }) => id))),
      on<JobEvent>("job", (hints) => readIfShown(hints.map(({ asset_id }) => asset_id))),
    ],
    missed() {
      if (shownAsset()) read();
    },
  };
}

function shownAsset(): string | undefined {
  return document.querySelector<HTMLElement>("[data-live-asset]")?.dataset.liveAsset;
}

/** The browser's tab takes the title that the asset has now. */
function showTitle(): void {
  const title = document.getElementById("asset-title")?.dataset.pageTitle;
  if (title) document.title = title;
}

/** Names the open tab in the address, which also holds the position of the player. */
function showTabInAddress(): void {
  const url = new URL(location.href);
  const tab = document.getElementById("panel-body")?.dataset.tab;
  if (!tab || url.pathname !== `/assets/${shownAsset()}`) return;
  url.searchParams.delete("edit");
  if (tab === "details") url.searchParams.delete("tab");
  else url.searchParams.set("tab", tab);
  const address = readable(url);
  if (address !== location.href) history.replaceState(history.state, "", address);
}

/** Replaces the stage only when its version changed, so that playback is not interrupted. */
async function readStage(): Promise<void> {
  const id = shownAsset();
  const html = await fetchPart(`/assets/${id}/stage`);
  const stage = document.getElementById("stage");
  if (!html || !stage || shownAsset() !== id) return;
  const arrived = parsePart(html).querySelector<HTMLElement>("#stage");
  if (arrived?.dataset.version === stage.dataset.version) {
    const [bar, wanted] = [stage, arrived].map((each) =>
      each?.querySelector<HTMLProgressElement>("[data-progress-of]")
    );
    if (bar && wanted) bar.value = wanted.value;
    return;
  }
  const context = { sourceElement: stage, target: stage, text: html, swap: "outerHTML ignoreTitle:true" };
  await htmx.swap(context as unknown as Parameters<typeof htmx.swap>[0]);
}

/** Updates facts and activity, but not while a form is open. */
async function readPanel(): Promise<void> {
  const id = shownAsset();
  const tab = document.getElementById("panel-body")?.dataset.tab;
  if (document.querySelector("#panel-body form.form")) return;
  const html = await fetchPart(`/assets/${id}/panel?tab=${tab}`);
  const body = document.getElementById("panel-body");
  if (!html || !body || shownAsset() !== id || body.dataset.tab !== tab || body.querySelector("form.form")) {
    return;
  }
  await morph(body, html);
}
