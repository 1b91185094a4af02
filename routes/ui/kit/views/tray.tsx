import type { Ui } from "../ui.ts";
import { Icon } from "./icons.tsx";

/** The upload tray, hidden until an upload starts. Its island fills rows from the template. */
export function UploadTray({ ui }: { ui: Ui }) {
  return (
    <upload-tray
      data-user={ui.viewer!.id}
      data-language={ui.language}
      data-texts={JSON.stringify(ui.textsBelow("tray."))}
    >
      <input type="file" multiple hidden data-files aria-label={ui.t("app.upload")} />
      <section class="tray" hidden data-tray aria-label={ui.t("tray.title")}>
        <div class="tray__head">
          <h2 data-headline>{ui.t("tray.title")}</h2>
          <p data-summary></p>
          <div class="tray__buttons">
            <TrayButton name="pause-all" icon="pause" label={ui.t("tray.pause_all")} />
            <TrayButton name="resume-all" icon="play" label={ui.t("tray.resume_all")} />
            <TrayButton name="fold" icon="chevron" label={ui.t("tray.fold")} class="tray__fold" />
            <TrayButton name="close" icon="close" label={ui.t("tray.close")} />
          </div>
        </div>
        <progress class="is-accent" max="100" value="0" data-total aria-label={ui.t("tray.title")} />
        <p class="tray__choice" data-all hidden>
          <button class="button" type="button" data-act="skip-all">{ui.t("tray.skip_all")}</button>
          <button class="button" type="button" data-act="keep-all">{ui.t("tray.keep_all")}</button>
        </p>
        <ul class="tray__rows" data-rows></ul>
      </section>
      <div class="drop" hidden data-drop>
        <div>
          <Icon name="upload" /> {ui.t("tray.drop")}
        </div>
      </div>
      <template>
        <li class="tray__row">
          <Icon name="document" />
          <a class="tray__name" data-name></a>
          <p class="tray__state" data-state-text></p>
          <progress class="is-accent" max="100" value="0" data-progress />
          <p class="tray__choice">
            <button class="button" type="button" data-act="skip">{ui.t("tray.skip")}</button>
            <button class="button" type="button" data-act="keep">{ui.t("tray.keep")}</button>
            <a data-act="other">{ui.t("tray.other")}</a>
          </p>
          <div class="tray__acts">
            <TrayButton name="pause" icon="pause" label={ui.t("tray.pause")} />
            <TrayButton name="resume" icon="play" label={ui.t("tray.resume")} />
            <TrayButton name="retry" icon="retry" label={ui.t("tray.retry")} />
            <TrayButton name="remove" icon="close" label={ui.t("tray.remove")} />
          </div>
        </li>
      </template>
    </upload-tray>
  );
}

interface TrayButtonProps {
  name: string;
  icon: "pause" | "play" | "chevron" | "close" | "retry";
  label: string;
  class?: string;
}

function TrayButton({ name, icon, label, class: extra }: TrayButtonProps) {
  return (
    <button
      class={`button button--bare button--icon ${extra ?? ""}`}
      type="button"
      data-act={name}
      title={label}
      aria-label={label}
    >
      <Icon name={icon} />
    </button>
  );
}
