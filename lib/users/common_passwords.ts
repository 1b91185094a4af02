// Passwords that everybody tries first. The list keeps those of 8 characters and more; shorter ones do not pass anyway.

let known: Set<string> | undefined;

/** True when `password` is on the list, whatever its case. */
export function isCommonPassword(password: string): boolean {
  known ??= new Set(Deno.readTextFileSync(new URL("common_passwords.txt", import.meta.url)).split("\n"));
  return known.has(password.toLowerCase());
}
