// WebAuthn level 3 as Akashi uses it: passkeys that name their person, which ask for a finger, a face or a PIN.
import type { CredentialRow } from "./queries.ts";
import type { Assertion, Registration, RelyingParty } from "./schema.ts";

const NAME = "Akashi";

/** Loaded at the first use: it brings certificates and ASN.1, a third of a second that no start should wait for. */
const library = () => import("@simplewebauthn/server");

interface Person {
  id: string;
  email: string;
  name: string;
}

/** Options for a new passkey of `person`; a device that holds one of `known` makes no second one. */
export async function creationOptions(
  { id: rpID }: RelyingParty,
  person: Person,
  challenge: string,
  known: CredentialRow[],
) {
  const { generateRegistrationOptions } = await library();
  return await generateRegistrationOptions({
    rpName: NAME,
    rpID,
    challenge: bytes(challenge),
    userID: new TextEncoder().encode(person.id),
    userName: person.email,
    userDisplayName: person.name,
    attestationType: "none",
    excludeCredentials: known.map(describe),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
}

/** Options for using a passkey: any that the device has for this site, or one of `allowed`. */
export async function requestOptions(
  { id: rpID }: RelyingParty,
  challenge: string,
  allowed: CredentialRow[],
) {
  const { generateAuthenticationOptions } = await library();
  return await generateAuthenticationOptions({
    rpID,
    challenge: bytes(challenge),
    userVerification: "required",
    allowCredentials: allowed.map(describe),
  });
}

/** What to keep of a new credential; undefined when its proof does not hold. `take` spends the challenge it answers. */
export async function verifyRegistration(
  site: RelyingParty,
  credential: Registration,
  take: (challenge: string) => Promise<boolean>,
) {
  const { verifyRegistrationResponse } = await library();
  try {
    const { registrationInfo } = await verifyRegistrationResponse({
      ...expected(site, take),
      response: credential,
    });
    if (!registrationInfo) return undefined;
    const { credential: { id, publicKey, counter }, credentialBackedUp: isSynced } = registrationInfo;
    return { credentialId: id, publicKey, counter, isSynced };
  } catch {
    return undefined;
  }
}

/** The counter of a passkey after it was used; undefined when its proof does not hold. */
export async function verifyAssertion(
  site: RelyingParty,
  assertion: Assertion,
  known: CredentialRow,
  take: (challenge: string) => Promise<boolean>,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await library();
  const { credential_id: id, public_key: publicKey, counter } = known;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      ...expected(site, take),
      response: assertion,
      credential: { id, publicKey: new Uint8Array(publicKey), counter },
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch {
    return undefined;
  }
}

function expected({ id, origin }: RelyingParty, take: (challenge: string) => Promise<boolean>) {
  return { expectedChallenge: take, expectedOrigin: origin, expectedRPID: id, requireUserVerification: true };
}

function describe({ credential_id: id, transports }: CredentialRow) {
  return { id, transports };
}

/** The challenge is text of ours; handed on as bytes it comes back as the same text. */
function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(base64url, { alphabet: "base64url" });
}
