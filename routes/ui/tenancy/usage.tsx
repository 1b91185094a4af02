// Admin › Usage: what the tenant stores and may store.
import { getUsage } from "../../../lib/tenancy/usage/usage.ts";
import type { Routes } from "../../declare.ts";
import { renderPage, uiOf } from "../kit/render.tsx";
import { UsagePage } from "./views/usage.tsx";

export function addUsage(pages: Routes): void {
  pages.get("/admin/usage", { who: "usage.read" }, async (c) => {
    const { usage, quota } = await getUsage(c.var.ctx);
    const ui = uiOf(c);
    return await renderPage(c, ui.t("admin.usage"), <UsagePage ui={ui} usage={usage} quota={quota} />);
  });
}
