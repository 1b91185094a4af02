// Changing who sees an asset, from its access tab.
import { setAccess } from "../../../lib/library/assets/access.ts";
import { getAsset } from "../../../lib/library/assets/assets.ts";
import { assetError } from "../../../lib/library/assets/reasons.ts";
import { type NewAccess, newAccessSchema } from "../../../lib/library/assets/schema.ts";
import type { Routes } from "../../declare.ts";
import { explain } from "../kit/errors.ts";
import { idOf, parse, readForm } from "../kit/form.ts";
import { goTo, isPartial, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { accessTab, renderAccess } from "./asset_access_tab.tsx";
import { answerPanel, readPanel } from "./panel.tsx";
import type { AccessForm } from "./views/asset_access.tsx";

export function addAssetAccess(pages: Routes): void {
  pages.post("/assets/:id/access", {
    who: "assets.share",
    audit: ["asset.share"],
    orElse: { who: "signed_in", when: "the account that made the asset" },
  }, async (c) => {
    const id = idOf(c);
    const wanted = readAccess(await readForm(c));
    try {
      await setAccess(c.var.ctx, id, wanted);
    } catch (error) {
      const text = explain(uiOf(c), error, assetError, "own_access_lost");
      return await show(c, id, { error: text }, 409);
    }
    if (!isPartial(c)) return goTo(c, `/assets/${id}?tab=access`);
    return await show(c, id, { saved: true });
  });
}

async function show(
  c: UiContext,
  id: string,
  outcome: Pick<AccessForm, "error" | "saved">,
  status: 200 | 409 = 200,
): Promise<Response> {
  const asset = await getAsset(c.var.ctx, id);
  // After the change the actor may no longer be the one who shares it.
  const content = accessTab.isOffered!(asset) ? await renderAccess(c, asset, outcome) : undefined;
  return await answerPanel(c, asset, await readPanel(c, asset, accessTab.name, content), status);
}

/** Reads the grants: one field each, `user:{id}` or `group:{id}`, where `none` removes it; `add` names a new one. */
function readAccess({ visibility, add, add_right, ...fields }: Record<string, string>): NewAccess {
  if (add) fields[add] = add_right ?? "view";
  const grants = Object.entries(fields).filter(([, right]) => right !== "none").map(([name, right]) => {
    const [kind, id] = name.split(":");
    return { kind, id, right };
  });
  return parse(newAccessSchema, {
    visibility,
    users: grants.filter(({ kind }) => kind === "user").map(({ id, right }) => ({ user_id: id, right })),
    groups: grants.filter(({ kind }) => kind === "group").map(({ id, right }) => ({ group_id: id, right })),
  });
}
