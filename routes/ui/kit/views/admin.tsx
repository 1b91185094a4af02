// The frame of the administration pages, with the links between them.
import type { Child } from "hono/jsx";
import type { Ui } from "../ui.ts";
import type { TextKey } from "../words.ts";
import { Page } from "./frame.tsx";
import { Sections } from "./sections.tsx";

const SECTIONS: [path: string, text: TextKey][] = [
  ["/admin", "admin.people"],
  ["/admin/groups", "admin.groups"],
  ["/admin/providers", "admin.providers"],
  ["/admin/usage", "admin.usage"],
  ["/admin/audit", "admin.audit"],
];
const TENANTS: [string, TextKey] = ["/admin/tenants", "admin.tenants"];

export function AdminPage({ ui, here, children }: { ui: Ui; here: string; children?: Child }) {
  const sections = ui.viewer!.isSuperuser ? [...SECTIONS, TENANTS] : SECTIONS;
  return (
    <Page ui={ui} name="admin">
      <div class="heading">
        <h1>{ui.t("admin.title")}</h1>
        <Sections ui={ui} label="admin.sections" here={here} sections={sections} />
      </div>
      {children}
    </Page>
  );
}
