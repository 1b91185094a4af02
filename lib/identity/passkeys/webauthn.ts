// WebAuthn level 3: discoverable credentials with user verification (fingerprint, face or PIN).
import type { CredentialRow } from "./queries.ts";
import type { Assertion, Registration, RelyingParty } from "./schema.ts";

const NAME = "Akashi";

/** Imported at first use: its certificate and ASN.1 code would add a third of a second to every start. */
const library = () => import("@simplewebauthn/server");

interface Person {
  id: string;
  email: string;
  name: string;
}

/** Options for a new passkey of `person`; a device that holds one of `known` creates no second one. */
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

/** Options for using a passkey: any of this site, or one of `allowed`. */
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

/** What to store of a new credential; undefined when verification fails. `consume` consumes its challenge. */
export async function verifyRegistration(
  site: RelyingParty,
  credential: Registration,
  consume: (challenge: string) => Promise<boolean>,
) {
  const { verifyRegistrationResponse } = await library();
  try {
    const { registrationInfo } = await verifyRegistrationResponse({
      ...expected(site, consume),
      response: credential,
    });
    if (!registrationInfo) return undefined;
    const { credential: { id, publicKey, counter }, credentialBackedUp: isSynced } = registrationInfo;
    return { credentialId: id, publicKey, counter, isSynced };
  } catch {
    return undefined;
  }
}

/** The new counter of a passkey; undefined when verification fails. */
export async function verifyAssertion(
  site: RelyingParty,
  assertion: Assertion,
  known: CredentialRow,
  consume: (challenge: string) => Promise<boolean>,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await library();
  const { credential_id: id, public_key: publicKey, counter } = known;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      ...expected(site, consume),
      response: assertion,
      credential: { id, publicKey: new Uint8Array(publicKey), counter },
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch {
    return undefined;
  }
}

function expected({ id, origin }: RelyingParty, consume: (challenge: string) => Promise<boolean>) {
  return {
    expectedChallenge: consume,
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: true,
  };
}

function describe({ credential_id: id, transports }: CredentialRow) {
  return { id, transports };
}

/** As bytes, since the library encodes a challenge as base64url again. */
function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(base64url, { alphabet: "base64url" });
}
