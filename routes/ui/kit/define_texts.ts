// How a wing declares its texts: every key with its translation into each language.
import type { Language } from "../../../lib/platform/languages.ts";

export type Translations = Record<Language, string>;

/**
 * Declares texts; a key without one of the languages does not compile. Keys go by page (`jobs.title`), `{name}` is a
 * value to fill in, and a text that depends on a count is two keys that end in `.one` and `.other`.
 */
export function defineTexts<Texts extends Record<string, Translations>>(texts: Texts): Texts {
  return texts;
}
