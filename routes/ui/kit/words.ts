// Texts and numbers in the language of the reader: texts from the catalogue, everything else through Intl.
import { type Language, LANGUAGES } from "../../../lib/platform/languages.ts";
import { type TextKey, TEXTS_OF_WINGS } from "../texts.ts";
import type { Translations } from "./define_texts.ts";
import { type Times, timesOf } from "./times.ts";

export type { TextKey };
type Catalogue = Record<TextKey, string>;
/** Keys that have a `.one` and a `.other` form. */
export type PluralKey = TextKey extends infer Key ? Key extends `${infer Base}.one` ? Base : never : never;
type Values = Record<string, string | number>;

export interface Words extends Times {
  language: Language;
  /** The text of `key` with `{name}` filled in. */
  t(key: TextKey, values?: Values): string;
  /** The form of `key` that goes with `count`; `{count}` is filled in as a number. */
  plural(key: PluralKey, count: number, values?: Values): string;
  /** All texts whose key starts with `prefix`, for an island that fills in the values itself. */
  textsBelow(prefix: string): Record<string, string>;
  number(value: number, digits?: number): string;
  percent(value: number): string;
  /** Bytes in the unit that keeps the number short, powers of 1000 as file managers show them. */
  bytes(value: number): string;
  /** Bits per second. */
  bitRate(value: number): string;
  /** Milliseconds as `m:ss` or `h:mm:ss`. */
  duration(ms: number): string;
}

const CATALOGUES = new Map<Language, Catalogue>(
  LANGUAGES.map((language) => [language, catalogueOf(language)]),
);
const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const MADE = new Map(LANGUAGES.map((language) => [language, makeWords(language)]));

/** The words of `language`, with times in `zone`, which `findZone` knows. */
export function wordsOf(language: Language, zone?: string): Words {
  return { ...MADE.get(language)!, ...timesOf(language, zone) };
}

/** The language for a visitor who is not signed in: the best of `Accept-Language` that is supported, else English. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? "").split(",").map((part) => {
    const [tag = "", quality] = part.trim().split(";q=");
    return { tag: tag.toLowerCase(), quality: Number(quality ?? 1) };
  });
  wanted.sort((a, b) => b.quality - a.quality);
  for (const { tag } of wanted) {
    if (tag.startsWith("pt")) return "pt-BR";
    if (tag.startsWith("en")) return "en";
  }
  return "en";
}

function catalogueOf(language: Language): Catalogue {
  const texts = TEXTS_OF_WINGS.flatMap((wing): [string, Translations][] => Object.entries(wing));
  return Object.fromEntries(texts.map(([key, text]) => [key, text[language]])) as Catalogue;
}

function makeWords(language: Language): Omit<Words, keyof Times> {
  const texts = CATALOGUES.get(language)!;
  const plurals = new Intl.PluralRules(language);
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return {
    language,
    t: (key, values) => fill(texts[key], values),
    plural: (key, count, values) => {
      const form = plurals.select(count) === "one" ? "one" : "other";
      return fill(texts[`${key}.${form}` as TextKey], { count: number(count), ...values });
    },
    textsBelow: (prefix) => below(texts, prefix),
    number,
    percent: (value) => new Intl.NumberFormat(language, { style: "percent" }).format(value / 100),
    bytes: (value) => inUnits(language, value, BYTE_UNITS),
    bitRate: (value) => `${inUnits(language, value, ["bit", "kilobit", "megabit", "gigabit"])}/s`,
    duration,
  };
}

function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function below(texts: Catalogue, prefix: string): Record<string, string> {
  const entries = Object.entries(texts).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(entries.map(([key, text]) => [key.slice(prefix.length), text]));
}

function inUnits(language: Language, value: number, units: string[]): string {
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[power],
    // The short form of "byte" has no plural in English.
    unitDisplay: units[power] === "byte" ? "long" : "short",
    maximumFractionDigits: power > 0 && scaled < 100 ? 1 : 0,
  }).format(scaled);
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, index) => index === 0 ? String(part) : String(part).padStart(2, "0")).join(":");
}
