import type { Ui } from "../../kit/ui.ts";
import { Once } from "../../kit/views/once.tsx";

/** The link of an invitation; without SMTP the administrator has to pass it on. */
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
