import { invalidField } from "../platform/errors.ts";
import { isCommonPassword } from "./common_passwords.ts";

/**
 * Throws `invalid` on `path` for a password that is tried first: a common one, or the person's own address or name.
 * NIST SP 800-63B §3.1.1.2: compare with what is commonly used, expected or compromised; demand no composition.
 */
export function requireFreshPassword(
  path: string,
  password: string,
  person: { email: string; name?: string },
): void {
  const typed = password.trim().toLowerCase();
  const own = [person.email, person.email.split("@")[0], person.name].map((text) =>
    text?.trim().toLowerCase()
  );
  if (own.includes(typed)) {
    throw invalidField(path, "The password must not be the name or the e-mail address. Choose another one.");
  }
  if (isCommonPassword(typed)) {
    throw invalidField(path, "This password is among those that are guessed first. Choose another one.");
  }
}
