// Numbers of JSON that a double cannot hold: 9007199254740993 would be kept as …992 (RFC 8259 §6).

/** A number that was read with a loss. */
class Inexact {}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parse = JSON.parse as (json: string, reviver: Reviver) => unknown;

/** Only such text can have one: the rest is spared a second reading. */
const SUSPICIOUS = /\d{16}|[eE]\+?\d{3}/;

/**
 * The dotted paths of integers that would be rounded and of numbers beyond the range of a double. Fractions are
 * approximations anyway. Empty for malformed JSON, which is left to the route to refuse.
 */
export function findInexact(json: string): string[] {
  if (!SUSPICIOUS.test(json)) return [];
  try {
    return pathsOf(parse(json, (_, value, { source }) => isInexact(value, source) ? new Inexact() : value));
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function isInexact(value: unknown, source = ""): boolean {
  if (typeof value !== "number") return false;
  if (!Number.isFinite(value)) return true;
  return /^-?\d+$/.test(source) && BigInt(source) !== BigInt(value);
}

function pathsOf(value: unknown, path: string[] = []): string[] {
  if (value instanceof Inexact) return [path.join(".")];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]));
}
