// `deno run -A infra/deploy/attested.ts IMAGE`: ends with 0 when IMAGE is named by its digest and a release has attested
// that it built it. By whom is a setting of the environment:
//   ATTESTATION_REPOSITORY=owner/name    the workflow `ci` of that repository, by GitHub's attestations (needs gh)
//   ATTESTATION_KEY, ATTESTATION         files: a public key (PEM), and the attestation that it signed (DSSE or a bundle)
import { Buffer } from "node:buffer";
import { createPublicKey, verify } from "node:crypto";
import { z } from "zod";

const BY_DIGEST = /^[a-z0-9][a-z0-9./:_-]*@sha256:([0-9a-f]{64})$/;
const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;
const GH_TIMEOUT_MS = 60_000;

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
 * The SHA-256 (hex) in a reference `name@sha256:…`. Throws for tags, which may be moved to another image after a release.
 */
export function digestOf(image: string): string {
  const [, digest] = BY_DIGEST.exec(image) ?? [];
  if (digest) return digest;
  throw new Error(`${image}: expected an image by its digest, as a run of ci prints it: name@sha256:…`);
}

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

async function verifyByGitHub(image: string, repository: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("gh", {
    args: [
      "attestation",
      "verify",
      `oci://${image}`,
      `--repo=${repository}`,
      `--signer-workflow=${repository}/.github/workflows/ci.yml`,
    ],
    signal: AbortSignal.timeout(GH_TIMEOUT_MS),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim() || "gh could not verify it");
}

async function main(image: string): Promise<void> {
  const { ATTESTATION_REPOSITORY, ATTESTATION_KEY, ATTESTATION, DEPLOY_IMAGE_IDS } = Deno.env.toObject();
  // An engine without a registry knows its own builds by id alone: for tests of the deployment itself.
  if (IMAGE_ID.test(image) && DEPLOY_IMAGE_IDS === "for-tests") return;
  const digest = digestOf(image);
  if (ATTESTATION_KEY && ATTESTATION) {
    const attestation = JSON.parse(await Deno.readTextFile(ATTESTATION));
    return verifyAttestation(attestation, digest, await Deno.readTextFile(ATTESTATION_KEY));
  }
  if (ATTESTATION_REPOSITORY) return await verifyByGitHub(image, ATTESTATION_REPOSITORY);
  throw new Error("set ATTESTATION_REPOSITORY, or ATTESTATION_KEY and ATTESTATION: who attests its images?");
}

if (import.meta.main) {
  try {
    await main(Deno.args[0] ?? "");
  } catch (error) {
    console.error(`deploy  refused: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
