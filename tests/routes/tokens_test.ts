// Forged access tokens of every kind of known attack: each must leave the request anonymous (RFC 8725).
import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { deriveSigningKeys } from "../../lib/platform/secrets.ts";
import { openTestServer } from "../support/server.ts";

type Json = Record<string, unknown>;

Deno.test("forged access tokens", async (t) => {
  const server = await openTestServer();
  const { token } = await server.client();
  const [head, body] = token.split(".").slice(0, 2).map((part) => JSON.parse(atob(toBase64(part)))) as [
    Json,
    Json,
  ];
  const own = deriveSigningKeys(server.config.AKASHI_SECRET, "access-token-1");
  const foreign = generateKeyPairSync("ed25519");
  const publicPem = own.publicKey.export({ type: "spki", format: "pem" }) as string;
  const publicJwk = foreign.publicKey.export({ format: "jwk" });
  const now = Math.floor(Date.now() / 1000);

  const make = (header: Json, claims: Json, signature: (input: string) => Uint8Array) => {
    const input = `${encode(header)}.${encode(claims)}`;
    return `${input}.${signature(input).toBase64({ alphabet: "base64url", omitPadding: true })}`;
  };
  const byUs = (input: string) => new Uint8Array(sign(null, new TextEncoder().encode(input), own.privateKey));
  const byThem = (input: string) =>
    new Uint8Array(sign(null, new TextEncoder().encode(input), foreign.privateKey));
  const hmac = (key: string) => (input: string) =>
    new Uint8Array(createHmac("sha256", key).update(input).digest());
  const nothing = () => new Uint8Array();
  const status = async (forged: string) => {
    const response = await fetch(`${server.url}/api/v1/auth/me`, {
      headers: { Authorization: `Bearer ${forged}` },
    });
    await response.body?.cancel();
    return response.status;
  };

  const zoo: Record<string, string> = {
    "alg none": make({ ...head, alg: "none" }, body, nothing),
    "alg None": make({ ...head, alg: "None" }, body, nothing),
    "alg none with our signature": make({ ...head, alg: "none" }, body, byUs),
    "no alg": make({ ...head, alg: undefined }, body, byUs),
    "HS256 with the public key as PEM": make({ ...head, alg: "HS256" }, body, hmac(publicPem)),
    "HS256 with an empty key": make({ ...head, alg: "HS256" }, body, hmac("")),
    "HS256 with our secret": make({ ...head, alg: "HS256" }, body, hmac(server.config.AKASHI_SECRET)),
    "another key": make(head, body, byThem),
    "another key in jwk": make({ ...head, jwk: publicJwk }, body, byThem),
    "another key by jku": make({ ...head, jku: `${server.url}/keys.json` }, body, byThem),
    "another key by x5u": make({ ...head, x5u: `${server.url}/cert.pem` }, body, byThem),
    "kid of a file": make({ ...head, kid: "../../../../dev/null" }, body, byUs),
    "kid of before": make({ ...head, kid: "1" }, body, byUs),
    "kid with SQL": make({ ...head, kid: "1' union select 'x" }, body, byUs),
    "no kid": make({ ...head, kid: undefined }, body, byUs),
    "an unknown crit": make({ ...head, crit: ["exp2"], exp2: true }, body, byUs),
    "expired": make(head, { ...body, iat: now - 700, exp: now - 60 }, byUs),
    "never expires": make(head, { ...body, exp: undefined }, byUs),
    "not yet valid": make(head, { ...body, nbf: now + 300 }, byUs),
    "wrong audience": make(head, { ...body, aud: "another-api" }, byUs),
    "no audience": make(head, { ...body, aud: undefined }, byUs),
    "wrong issuer": make(head, { ...body, iss: "somebody" }, byUs),
    "wrong type": make({ ...head, typ: "JWT" }, body, byUs),
    "no type": make({ ...head, typ: undefined }, body, byUs),
    "no session": make(head, { ...body, sid: undefined }, byUs),
    "an unknown session": make(head, { ...body, sid: crypto.randomUUID() }, byUs),
    "a session that is no id": make(head, { ...body, sid: "' or true --" }, byUs),
    "a changed claim": [
      token.split(".")[0],
      encode({ ...body, sub: crypto.randomUUID() }),
      token.split(".")[2],
    ]
      .join("."),
    "no signature": token.split(".").slice(0, 2).join(".") + ".",
    "two parts": token.split(".").slice(0, 2).join("."),
    "twice": `${token}.${token}`,
  };

  await t.step("a token made correctly by the same code is accepted", async () => {
    assert.equal(await status(make(head, body, byUs)), 200);
  });
  for (const [name, forged] of Object.entries(zoo)) {
    await t.step(`${name}: 401`, async () => assert.equal(await status(forged), 401));
  }
  await server.close();
});

function encode(value: Json): string {
  return new TextEncoder().encode(JSON.stringify(value)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

function toBase64(text: string): string {
  return text.replaceAll("-", "+").replaceAll("_", "/");
}
