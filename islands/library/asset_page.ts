// The page of one asset while work on it goes on: the stage changes when there is something new to see.
import { fetchPart, morph, parsePart, seldom } from "../kit/fragments.ts";
import { htmx } from "../kit/htmx.ts";
import type { Follower } from "../kit/live.ts";

export function startAssetPage(): Follower {
  const read = seldom(1_000, async () => {
    await Promise.all([readStage(), readPanel()]);
  });
  return {
    assets(hints) {
      if (hints.some((hint) => hint.id === shownAsset())) read();
    },
    jobs(hints) {
      if (hints.some((hint) => hint.asset_id !== null && hint.asset_id === shownAsset())) read();
    },
    missed() {
      if (shownAsset()) read();
    },
  };
}

function shownAsset(): string | undefined {
  return document.querySelector<HTMLElement>("[data-live-asset]")?.dataset.liveAsset;
}

/** A stage that plays is left alone unless what it shows was replaced. */
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

/** Facts and activity follow, but never under the hands of somebody who is writing. */
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
