import type { Context } from "hono";
import type { AppEnv, Viewer } from "../../env.ts";
import type { Mail } from "../../../lib/platform/mail/mail.ts";
import type { Theme } from "../../../lib/identity/principals/schema.ts";
import type { Words } from "./words.ts";

/** The context of a page request. */
export type UiContext = Context<AppEnv>;

/** What every view gets beside its own data: texts, the viewer and the path. Plain data, no request. */
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
  /** CSP nonce of this response, for scripts and htmx attributes. */
  nonce: string;
  /** Milliseconds, for "3 minutes ago". */
  now: number;
  /** May change and upload assets, and retry and cancel jobs. */
  mayEdit: boolean;
  /** May administer the tenant. */
  mayAdminister: boolean;
  /** Must set up a second factor before anything else. */
  mustEnrol: boolean;
  /** How mail is sent, if at all. */
  mail: Mail["kind"];
  /** The path of a static file: `app.css` → `/static/…/app.css`. */
  asset(name: string): string;
}
