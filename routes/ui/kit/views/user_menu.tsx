import { LANGUAGES } from "../../../../lib/platform/languages.ts";
import { THEMES } from "../../../../lib/identity/principals/schema.ts";
import type { Ui } from "../ui.ts";
import { Icon } from "./icons.tsx";

/** The signed-in account, its theme and language, and sign-out. */
export function UserMenu({ ui }: { ui: Ui }) {
  const viewer = ui.viewer!;
  return (
    <details class="menu" data-menu>
      <summary class="button button--bare button--icon">
        <span class="avatar">{initials(viewer.name)}</span>
        <span class="sr-only">{ui.t("app.menu")}</span>
      </summary>
      <div class="menu__body">
        <div class="menu__who">
          <strong>{viewer.name}</strong>
          <p class="quiet">{viewer.email}</p>
          <p class="quiet">{viewer.tenantName} · {ui.t(`role.${viewer.role}`)}</p>
        </div>
        <Appearance ui={ui} />
        <hr class="menu__rule" />
        <a class="menu__item" href="/settings">
          <Icon name="settings" /> {ui.t("nav.settings")}
        </a>
        <button class="menu__item needs-script" type="button" data-shortcuts>
          <Icon name="keyboard" /> {ui.t("menu.shortcuts")} <kbd aria-hidden="true">?</kbd>
        </button>
        <form method="post" action="/sign-out" hx-nonce={ui.nonce} hx-boost="false">
          <button class="menu__item" type="submit">
            <Icon name="sign_out" /> {ui.t("menu.sign_out")}
          </button>
        </form>
      </div>
    </details>
  );
}

/** Theme and language, each a row of submit buttons. */
export function Appearance({ ui }: { ui: Ui }) {
  return (
    <form class="appearance" method="post" action="/settings/appearance" data-appearance>
      <div class="menu__choice">
        <span>{ui.t("menu.theme")}</span>
        <div class="segments" role="group" aria-label={ui.t("menu.theme")}>
          {THEMES.map((theme) => (
            <button
              type="submit"
              name="theme"
              value={theme}
              aria-pressed={theme === ui.theme ? "true" : "false"}
            >
              {ui.t(`theme.${theme}`)}
            </button>
          ))}
        </div>
      </div>
      <div class="menu__choice">
        <span>{ui.t("menu.language")}</span>
        <div class="segments" role="group" aria-label={ui.t("menu.language")}>
          {LANGUAGES.map((language) => (
            <button
              type="submit"
              name="language"
              value={language}
              lang={language}
              aria-pressed={language === ui.language ? "true" : "false"}
            >
              {ui.t(`language.${language}`)}
            </button>
          ))}
        </div>
      </div>
    </form>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...word ?? ""][0] ?? "").join("").toUpperCase();
}
