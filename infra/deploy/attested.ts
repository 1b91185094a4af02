// `deno run --allow-read infra/deploy/attested.ts IMAGE KEY ATTESTATION`: ends with 0 when the private key of the public
// key in the file KEY signed the provenance of IMAGE that is in the file ATTESTATION.
import { Buffer } from "node:buffer";
import { createPublicKey, verify } from "node:crypto";
import { z } from "zod";

const envelopeSchema = z.object({
  payload: z.base64(),
  payloadType: z.literal("application/vnd.in-toto+json"),
  signatures: z.array(z.object({ sig: z.base64() })).min(1).max(20),
});
const attestationSchema = z.union([
  envelopeSchema,
  z.object({ dsseEnvelope: envelopeSchema }).transform(({ dsseEnvelope }) => dsseEnvelope),
]);
const statementSchema = z.object({
  predicateType: z.string().startsWith("https://slsa.dev/provenance/"),
  subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })).min(1),
});

/**
 * Verifies a DSSE envelope (https://github.com/secure-systems-lab/dsse) or a bundle that contains one: signed by the
 * private key of `publicKey` (PEM; ECDSA, RSA or Ed25519), and stating the provenance (SLSA) of the image with `digest`.
 * Throws with what does not fit.
 */
export function verifyAttestation(attestation: unknown, digest: string, publicKey: string): void {
  const envelope = attestationSchema.parse(attestation);
  const payload = Buffer.from(envelope.payload, "base64");
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `),
    payload,
  ]);
  const key = createPublicKey(publicKey);
  const hash = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  const isSigned = envelope.signatures.some(({ sig }) =>
    verify(hash, signed, key, Buffer.from(sig, "base64"))
  );
  if (!isSigned) throw new Error("the attestation is not signed by this key");
  const { subject } = statementSchema.parse(JSON.parse(payload.toString()));
  if (!subject.some((each) => each.digest.sha256 === digest)) {
    throw new Error(`the attestation is about another image than sha256:${digest}`);
  }
}

if (import.meta.main) {
  const [image, key, attestation] = Deno.args as [string, string, string];
  try {
    const [, digest] = image.split("@sha256:");
    verifyAttestation(JSON.parse(Deno.readTextFileSync(attestation)), digest!, Deno.readTextFileSync(key));
  } catch (error) {
    console.error(`deploy  refused: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
