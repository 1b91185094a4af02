/** What a challenge is valid for. */
export type ChallengeKind = "second_step" | "passkey_registration" | "passkey_sign_in" | "provider_sign_in";

/** The account that a challenge was issued to. */
export interface ChallengeOwner {
  id: string;
  tenant_id: string;
}
