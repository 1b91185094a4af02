// Turns expected errors into texts of a page, by their reason.
import { AppError, type ErrorFamily, hasReason, type Reason } from "../../../lib/platform/errors.ts";
import type { TextKey, Words } from "./words.ts";

type Reasons = Record<string, Reason>;
/** The keys of a noun's reasons that pages have a text for, in every language. */
type ExplainedKey<Noun extends string, Table extends Reasons> = {
  [Key in keyof Table & string]: `error.${Noun}.${Key}` extends TextKey ? Key : never;
}[keyof Table & string];

/** The page's text for an error of `family` whose reason is one of `keys`; undefined for any other error. */
export function findErrorText<Noun extends string, Table extends Reasons>(
  words: Words,
  error: unknown,
  family: ErrorFamily<Noun, Table>,
  ...keys: ExplainedKey<Noun, Table>[]
): string | undefined {
  if (!(error instanceof AppError) || !hasReason(error, family, ...keys)) return undefined;
  const values = Object.entries(error.params).map(([name, value]) => [name, inWords(words, value)]);
  return words.t(`error.${error.reason}` as TextKey, Object.fromEntries(values));
}

/** As `findErrorText`, but throws any other error again. */
export function explain<Noun extends string, Table extends Reasons>(
  words: Words,
  error: unknown,
  family: ErrorFamily<Noun, Table>,
  ...keys: ExplainedKey<Noun, Table>[]
): string {
  const text = findErrorText(words, error, family, ...keys);
  if (text === undefined) throw error;
  return text;
}

function inWords(words: Words, value: string | number): string {
  return typeof value === "number" ? words.number(value) : value;
}
