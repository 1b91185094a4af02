/** The languages of the pages and of messages. */
export const LANGUAGES = ["pt-BR", "en"] as const;
export type Language = typeof LANGUAGES[number];
