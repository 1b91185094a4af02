/** The languages of pages and messages. */
export const LANGUAGES = ["pt-BR", "en"] as const;
export type Language = typeof LANGUAGES[number];
