// A server with a certificate of its own, as a proxy in front would show one.

export interface Certificate {
  cert: string;
  key: string;
}

/** A self-signed certificate for localhost, good for so many days from now. */
export async function makeCertificate(days: number): Promise<Certificate> {
  const folder = await Deno.makeTempDir();
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      String(days),
      "-subj",
      "/CN=localhost",
      "-keyout",
      `${folder}/key`,
      "-out",
      `${folder}/cert`,
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const [cert, key] = await Promise.all(
    ["cert", "key"].map((name) => Deno.readTextFile(`${folder}/${name}`)),
  );
  await Deno.remove(folder, { recursive: true });
  return { cert: cert!, key: key! };
}

/** Shows the certificate to whoever connects, until stopped. */
export function serveTls(certificate: Certificate, port = 0): { port: number; stop(): Promise<void> } {
  const options = { hostname: "127.0.0.1", port, onListen: () => {} };
  const server = Deno.serve({ ...options, ...certificate }, () => new Response("ok"));
  return { port: server.addr.port, stop: () => server.shutdown() };
}
