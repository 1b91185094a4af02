import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { verifyAttestation } from "../../infra/deploy/attested.ts";

const PROGRAM = new URL("../../infra/deploy/verify", import.meta.url).pathname;
const TYPE = "application/vnd.in-toto+json";
const DIGEST = "ab".repeat(32);
const IMAGE = `registry.example.org/tv/akashi@sha256:${DIGEST}`;

interface Keys {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const makeKeys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = ({ publicKey }: Keys) => publicKey.export({ type: "spki", format: "pem" }).toString();

function attest(
  { privateKey }: Keys,
  { digest = DIGEST, predicateType = "https://slsa.dev/provenance/v1" } = {},
) {
  const payload = Buffer.from(JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "registry.example.org/tv/akashi", digest: { sha256: digest } }],
    predicateType,
    predicate: {},
  }));
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} `), payload]);
  const hash = privateKey.asymmetricKeyType === "ed25519" ? null : "sha256";
  return {
    payloadType: TYPE,
    payload: payload.toString("base64"),
    signatures: [{ keyid: "", sig: sign(hash, signed, privateKey).toString("base64") }],
  };
}

Deno.test("verifyAttestation() accepts the provenance of this image under this key, alone or in a bundle", () => {
  for (
    const keys of [
      makeKeys(),
      generateKeyPairSync("ed25519"),
      generateKeyPairSync("rsa", { modulusLength: 2048 }),
    ]
  ) {
    verifyAttestation(attest(keys), DIGEST, pem(keys));
    verifyAttestation({ mediaType: "bundle", dsseEnvelope: attest(keys) }, DIGEST, pem(keys));
  }
});

Deno.test("verifyAttestation() refuses another key, another image, a changed statement and another kind of statement", () => {
  const keys = makeKeys();
  const good = attest(keys);
  assert.throws(() => verifyAttestation(good, DIGEST, pem(makeKeys())), /not signed by this key/);
  assert.throws(() => verifyAttestation(good, "cd".repeat(32), pem(keys)), /another image/);
  const { payload } = attest(keys, { digest: "cd".repeat(32) });
  assert.throws(() => verifyAttestation({ ...good, payload }, "cd".repeat(32), pem(keys)), /not signed/);
  const sbom = attest(keys, { predicateType: "https://spdx.dev/Document" });
  assert.throws(() => verifyAttestation(sbom, DIGEST, pem(keys)), /predicateType/);
  assert.throws(() => verifyAttestation({ ...good, signatures: [] }, DIGEST, pem(keys)));
  assert.throws(() => verifyAttestation({}, DIGEST, pem(keys)));
});

Deno.test("the program refuses images without an attestation, and ids of images outside of tests", async () => {
  const folder = await Deno.makeTempDir();
  const keys = makeKeys();
  const [ATTESTATION, ATTESTATION_KEY] = [`${folder}/attestation.json`, `${folder}/key.pem`];
  await Deno.writeTextFile(ATTESTATION, JSON.stringify(attest(keys)));
  await Deno.writeTextFile(ATTESTATION_KEY, pem(keys));
  const signed = { ATTESTATION, ATTESTATION_KEY };
  assert.equal(await verifyImage(IMAGE, signed), "");
  assert.match(await verifyImage(IMAGE.replaceAll("ab", "cd"), signed), /another image/);
  assert.match(await verifyImage(IMAGE, {}), /set ATTESTATION_REPOSITORY/);
  for (const image of ["akashi:latest", "akashi", `akashi@sha256:${"ab".repeat(31)}`, `${IMAGE} x`]) {
    assert.match(await verifyImage(image, signed), /by its digest/, image);
  }
  assert.match(await verifyImage(`sha256:${DIGEST}`, {}), /by its digest/);
  assert.equal(await verifyImage(`sha256:${DIGEST}`, { DEPLOY_IMAGE_IDS: "for-tests" }), "");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the program asks GitHub about the repository's own workflow, and passes its refusal on", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(
    `${folder}/gh`,
    `#!/bin/sh\necho "$@" >${folder}/asked\necho no attestation >&2\nexit 1\n`,
    {
      mode: 0o755,
    },
  );
  const PATH = `${folder}:${Deno.env.get("PATH")}`;
  assert.match(await verifyImage(IMAGE, { PATH, ATTESTATION_REPOSITORY: "tv/akashi" }), /no attestation/);
  assert.equal(
    (await Deno.readTextFile(`${folder}/asked`)).trim(),
    `attestation verify oci://${IMAGE} --repo=tv/akashi --signer-workflow=tv/akashi/.github/workflows/ci.yml`,
  );
  await Deno.remove(folder, { recursive: true });
});

/** What the program refuses the image with; empty when it accepts it. */
async function verifyImage(image: string, env: Record<string, string>): Promise<string> {
  const { success, stderr } = await new Deno.Command(PROGRAM, { args: [image], env }).output();
  const said = new TextDecoder().decode(stderr);
  assert.equal(success, said === "", said);
  return said;
}
