// Recovery codes for a lost device: ten, each valid once, to be kept on paper.
import { randomBytes } from "node:crypto";
import type { Sql } from "../../platform/db/database.ts";
import { hashToken } from "../../platform/secrets.ts";
import * as queries from "./queries.ts";

const CODES = 10;
/** Crockford's base32, without letters that look alike. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** 120 bits: from 112 on, ASVS 5.0 (6.5.2) allows a fast hash. */
const LETTERS = 24;

/** Replaces the codes of an account by ten new ones. They are returned here only; their hashes are stored. */
export async function replaceCodes(sql: Sql, userId: string): Promise<string[]> {
  const codes = Array.from({ length: CODES }, newCode);
  await queries.deleteCodes(sql, userId);
  await queries.insertCodes(sql, userId, codes.map((code) => hashToken(normalize(code))));
  return codes;
}

/** Creates the first codes of an account; null when it has codes already, spent or not. */
export async function ensureCodes(sql: Sql, userId: string): Promise<string[] | null> {
  const [counted] = await queries.countCodes(sql, userId);
  return counted!.made > 0 ? null : await replaceCodes(sql, userId);
}

/** Spends a code. False for a wrong or spent one. */
export async function spendCode(sql: Sql, userId: string, typed: string): Promise<boolean> {
  const { count } = await queries.spendCode(sql, userId, hashToken(normalize(typed)));
  return count > 0;
}

function newCode(): string {
  const letters = Array.from(randomBytes(LETTERS), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
  return letters.match(/.{4}/g)!.join("-");
}

/** The normal form that is hashed: without separators, with digits for the letters that look like them. */
function normalize(typed: string): string {
  return typed.toLowerCase().replaceAll(/[^0-9a-z]/g, "").replaceAll("o", "0").replaceAll(/[il]/g, "1");
}
