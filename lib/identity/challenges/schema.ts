/** What a challenge is for; one of another kind does not match. */
export type ChallengeKind = "second_step" | "passkey_registration" | "passkey_sign_in";

/** The account that a challenge was issued to. */
export interface ChallengeOwner {
  id: string;
  tenant_id: string;
}
