// Codes for the day on which the phone is gone: ten, each good once, to be kept on paper.
import { randomBytes } from "node:crypto";
import type { Sql } from "../../platform/db/database.ts";
import { hashToken } from "../../platform/secrets.ts";
import * as queries from "./queries.ts";

const CODES = 10;
/** Crockford's base32: no letter that looks like another one. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** 120 bits, above the 112 from which ASVS 5.0 (6.5.2) lets a fast hash do. */
const LETTERS = 24;

/** Replaces somebody's codes by ten new ones, which are in this answer and nowhere else. */
export async function replaceCodes(sql: Sql, userId: string): Promise<string[]> {
  const codes = Array.from({ length: CODES }, newCode);
  await queries.deleteCodes(sql, userId);
  await queries.insertCodes(sql, userId, codes.map((code) => hashToken(plain(code))));
  return codes;
}

/** Gives somebody their first codes; null when they had some, used or not. */
export async function ensureCodes(sql: Sql, userId: string): Promise<string[] | null> {
  const [counted] = await queries.countCodes(sql, userId);
  return counted!.made > 0 ? null : await replaceCodes(sql, userId);
}

/** Spends a code. False when it is none of theirs or spent. */
export async function spendCode(sql: Sql, userId: string, typed: string): Promise<boolean> {
  const { count } = await queries.spendCode(sql, userId, hashToken(plain(typed)));
  return count > 0;
}

function newCode(): string {
  const letters = Array.from(randomBytes(LETTERS), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
  return letters.match(/.{4}/g)!.join("-");
}

/** As it is hashed: without what people add, with the digits that some read as letters. */
function plain(typed: string): string {
  return typed.toLowerCase().replaceAll(/[^0-9a-z]/g, "").replaceAll("o", "0").replaceAll(/[il]/g, "1");
}
