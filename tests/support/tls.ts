// A TLS server with its own certificate, as a reverse proxy presents one.

export interface Certificate {
  cert: string;
  key: string;
}

/** Creates a self-signed certificate for localhost that is valid for this many days from now. */
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

/** Presents the certificate on every connection, until stopped. */
export function serveTls(certificate: Certificate, port = 0): { port: number; stop(): Promise<void> } {
  const options = { hostname: "127.0.0.1", port, onListen: () => {} };
  const server = Deno.serve({ ...options, ...certificate }, () => new Response("ok"));
  return { port: server.addr.port, stop: () => server.shutdown() };
}
