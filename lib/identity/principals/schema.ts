import type { Actor, Role } from "../../access/context.ts";
import type { Language } from "../../platform/languages.ts";

export const THEMES = ["dark", "light", "system"] as const;
export type Theme = typeof THEMES[number];

/** What pages show of the signed-in person. */
export interface Viewer {
  id: string;
  name: string;
  email: string;
  role: Role;
  tenantName: string;
  tenantCode: string;
  isSuperuser: boolean;
  language: Language | null;
  theme: Theme;
  /** Their tenant is read-only and they are no superuser. */
  isReadOnly: boolean;
}

/** An authenticated request: who acts, and what pages show of them. */
export interface SignedIn {
  actor: Actor;
  viewer: Viewer;
}
