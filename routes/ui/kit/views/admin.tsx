// The frame of the administration: its parts, and what they have in common.
import type { Child } from "hono/jsx";
import type { Ui } from "../ui.ts";
import type { TextKey } from "../words.ts";
import { Page } from "./frame.tsx";

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

interface SectionsProps {
  ui: Ui;
  label: TextKey;
  here: string;
  sections: [path: string, text: TextKey][];
}

/** Links between the parts of one page. */
export function Sections({ ui, label, here, sections }: SectionsProps) {
  return (
    <nav class="segments" aria-label={ui.t(label)}>
      {sections.map(([path, text]) => (
        <a href={path} aria-current={path === here ? "page" : undefined}>{ui.t(text)}</a>
      ))}
    </nav>
  );
}

interface OnceProps {
  id: string;
  label: string;
  text: string;
  value: string;
  copy: string;
  copied: string;
}

/** The link of an invitation: it went out by e-mail too, or somebody has to hand it on. */
export function InvitationLink({ ui, email, link }: { ui: Ui; email: string; link: string }) {
  const text = ui.mail === "smtp" ? "people.link_mailed" : "people.link_text";
  return (
    <Once
      id="invitation-link"
      label={ui.t("people.link", { email })}
      text={ui.t(text, { email })}
      value={link}
      copy={ui.t("people.copy")}
      copied={ui.t("people.copied")}
    />
  );
}

/** Something that is shown once, to be copied now. */
export function Once({ id, label, text, value, copy, copied }: OnceProps) {
  return (
    <div class="notice once" role="status">
      <p>{text}</p>
      <div class="form__row">
        <input class="input" id={id} aria-label={label} value={value} readonly />
        <button class="button needs-script" type="button" data-copy={id} data-copied={copied}>{copy}</button>
      </div>
    </div>
  );
}
