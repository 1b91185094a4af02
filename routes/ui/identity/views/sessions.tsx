// Settings › Sessions: where the account is signed in.
import type { Session } from "../../../../lib/identity/sessions/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { Page } from "../../kit/views/frame.tsx";
import { Ago } from "../../kit/views/states.tsx";
import { EndKeys } from "./end_keys.tsx";
import { SettingsSections } from "./settings_sections.tsx";
import { SignInAgain } from "./sign_in_again.tsx";

interface SessionsProps {
  ui: Ui;
  sessions: Session[];
  /** Signed in recently enough to end other sessions. */
  mayEnd: boolean;
}

export function SessionsPage({ ui, sessions, mayEnd }: SessionsProps) {
  return (
    <Page ui={ui} name="sessions">
      <div class="heading">
        <h1>{ui.t("settings.title")}</h1>
        <SettingsSections ui={ui} here="/settings/sessions" />
      </div>
      <div class="stack">
        <p class="quiet">{ui.t("access.sessions_text")}</p>
        {!mayEnd && sessions.length > 1 && (
          <SignInAgain ui={ui} path="/settings/sessions" text="access.stale" />
        )}
        <table class="table" aria-label={ui.t("access.session_list")}>
          <thead>
            <tr>
              <th scope="col">{ui.t("access.device")}</th>
              <th scope="col">{ui.t("access.address")}</th>
              <th scope="col">{ui.t("access.last_used")}</th>
              <th scope="col">
                <span class="sr-only">{ui.t("access.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((session) => <SessionRow ui={ui} session={session} mayEnd={mayEnd} />)}
          </tbody>
        </table>
        <form class="form" method="post" action="/settings/sessions/end-all">
          <EndKeys ui={ui} />
          <div class="form__row">
            <button class="button" type="submit">{ui.t("access.end_all")}</button>
          </div>
        </form>
      </div>
    </Page>
  );
}

function SessionRow({ ui, session, mayEnd }: { ui: Ui; session: Session; mayEnd: boolean }) {
  return (
    <tr>
      <td class="table__title" title={session.user_agent ?? undefined}>
        {deviceText(ui, session)}{" "}
        {session.is_current && <span class="quiet">({ui.t("access.this_one")})</span>}
      </td>
      <td class="quiet">{session.address}</td>
      <td class="table__age quiet">
        <Ago ui={ui} at={session.last_used_at} />
      </td>
      <td class="table__act">
        {mayEnd && !session.is_current && (
          <form method="post" action={`/settings/sessions/${session.id}/end`}>
            <button class="button button--small button--bare" type="submit">
              {ui.t("access.end")} <span class="sr-only">{deviceText(ui, session)}</span>
            </button>
          </form>
        )}
      </td>
    </tr>
  );
}

const BROWSERS: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** "Firefox on Linux", as the user agent claims; for other clients the user agent itself. */
function deviceText(ui: Ui, { kind, user_agent }: Session): string {
  const agent = user_agent ?? "";
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  if (kind === "browser" && browser && system) return ui.t("access.on", { browser, system });
  return agent.slice(0, 60) || ui.t("access.program");
}
