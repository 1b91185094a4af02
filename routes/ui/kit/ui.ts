import type { Context } from "hono";
import type { AppEnv, Viewer } from "../../env.ts";
import type { Mail } from "../../../lib/platform/mail/mail.ts";
import type { Theme } from "../../../lib/identity/principals/schema.ts";
import type { Words } from "./words.ts";

/** The request that a page answers. */
export type UiContext = Context<AppEnv>;

/** What every view is handed beside its own data: words, who looks, where they are. Plain data, no request. */
export interface Ui extends Words {
  viewer: Viewer | undefined;
  theme: Theme;
  /** True when the sidebar is folded to icons. */
  railFolded: boolean;
  /** Step of the library's size slider, 1–5. */
  gridSize: number;
  /** Path with query of this request. */
  path: string;
  requestId: string;
  /** Of this answer: what carries it may run. */
  nonce: string;
  /** Milliseconds, for "3 minutes ago". */
  now: number;
  /** May change assets, bring in files and steer the work on them. */
  mayEdit: boolean;
  /** May keep people, keys and the audit of their tenant. */
  mayAdminister: boolean;
  /** Has to set up a second factor before anything else. */
  mustEnrol: boolean;
  /** How messages go out here, if at all. */
  mail: Mail["kind"];
  /** The address of a file for browsers: `app.css` → `/static/…/app.css`. */
  asset(name: string): string;
}
