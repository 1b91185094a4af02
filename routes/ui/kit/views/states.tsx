// How states and times are shown.
import type { Child } from "hono/jsx";
import type { Ui } from "../ui.ts";
import { Icon, type IconName } from "./icons.tsx";

/** Colour and icon of a state. */
export type Look = [tone: "ok" | "busy" | "bad" | "idle", icon: IconName];

/** A state as icon and word. */
export function State({ look, children }: { look: Look; children?: Child }) {
  const [tone, icon] = look;
  return (
    <span class={`state state--${tone}`}>
      <Icon name={icon} /> {children}
    </span>
  );
}

/** How long ago `at` was; date, time and zone on hover. */
export function Ago({ ui, at }: { ui: Ui; at: string }) {
  return <time datetime={at} title={ui.fullTime(at)}>{ui.ago(at, ui.now)}</time>;
}

/** Date and time in the zone of the reader; the zone on hover. */
export function Moment({ ui, at }: { ui: Ui; at: string }) {
  return <time datetime={at} title={ui.fullTime(at)}>{ui.dateTime(at)}</time>;
}
