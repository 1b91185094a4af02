// A small OpenID provider whose answers a test chooses, valid or not. `oidc_provider.ts` starts a real one.
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export interface Tale {
  /** Claims of the ID token, added to the valid ones or in their place. */
  claims?: Record<string, unknown>;
  /** Claims of the userinfo endpoint. */
  userinfo?: Record<string, unknown>;
  /** Sign the ID token with a key that is not published. */
  forged?: boolean;
  /** Send no ID token. */
  withoutToken?: boolean;
  /** Take the code more than once, as a careless provider does. */
  reusable?: boolean;
}

export interface FakeProvider {
  issuer: string;
  /** The address at which the browser that was sent to `authorize` comes back, with a code for `tale`. */
  answer(authorize: string, tale: Tale): URL;
  /** How often a code was redeemed, and by which client. */
  redeemed: { code: string; authorization: string | null; verifier: string | null }[];
  /** From now on every request is answered with this status. */
  fail(status: number | undefined): void;
  close(): Promise<void>;
}

/** Starts one on a free port. A code can be redeemed once. */
export async function openFakeProvider(): Promise<FakeProvider> {
  const [own, other] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  const jwk = { ...await exportJWK(own.publicKey), kid: "one", alg: "RS256", use: "sig" };
  const codes = new Map<string, { tale: Tale; asked: URLSearchParams }>();
  const redeemed: FakeProvider["redeemed"] = [];
  let userinfo: Record<string, unknown> | undefined;
  let failing: number | undefined;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answerTo);
  const issuer: string = `http://127.0.0.1:${server.addr.port}`;

  async function answerTo(request: Request): Promise<Response> {
    if (failing) return new Response("no", { status: failing });
    const { pathname } = new URL(request.url);
    if (pathname === "/.well-known/openid-configuration") {
      return Response.json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        userinfo_endpoint: `${issuer}/userinfo`,
        response_types_supported: ["code"],
        id_token_signing_alg_values_supported: ["RS256", "HS256"],
      });
    }
    if (pathname === "/jwks") return Response.json({ keys: [jwk] });
    if (pathname === "/userinfo") return Response.json(userinfo);
    if (pathname === "/token") return await redeem(request);
    return new Response("nothing here", { status: 404 });
  }

  async function redeem(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    const code = form.get("code") ?? "";
    redeemed.push({
      code,
      authorization: request.headers.get("Authorization"),
      verifier: form.get("code_verifier"),
    });
    const found = codes.get(code);
    if (!found?.tale.reusable) codes.delete(code);
    if (!found) return Response.json({ error: "invalid_grant" }, { status: 400 });
    const { tale, asked } = found;
    const truth = { nonce: asked.get("nonce"), sub: "somebody", iss: issuer, aud: asked.get("client_id") };
    const claims = { ...truth, ...tale.claims };
    userinfo = { sub: claims.sub, ...tale.userinfo };
    const token = new SignJWT(claims as any).setProtectedHeader({ alg: "RS256", kid: "one" });
    if (!("iat" in claims)) token.setIssuedAt();
    if (!("exp" in claims)) token.setExpirationTime("5m");
    const id_token = await token.sign((tale.forged ? other : own).privateKey);
    return Response.json({
      access_token: "x",
      token_type: "bearer",
      expires_in: 60,
      ...(!tale.withoutToken && { id_token }),
    });
  }

  return {
    issuer,
    redeemed,
    answer(authorize, tale) {
      const asked = new URL(authorize).searchParams;
      const code = crypto.randomUUID();
      codes.set(code, { tale, asked });
      const callback = new URL(asked.get("redirect_uri")!);
      callback.search = `${new URLSearchParams({ code, state: asked.get("state")! })}`;
      return callback;
    },
    fail: (status) => void (failing = status),
    close: () => server.shutdown(),
  };
}
