// What an https address shows to those who connect.
import { connect } from "node:tls";

/**
 * When the certificate that `url` shows runs out, in milliseconds since 1970. Whether it is trusted or still valid does
 * not matter here. Rejects when nobody answers within `timeoutMs`.
 */
export function readCertificateExpiry(url: URL, timeoutMs: number): Promise<number> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const servername = /^[\d.]+$|:/.test(host) ? undefined : host;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(url.port || 443), servername, rejectUnauthorized: false });
    socket.setTimeout(
      timeoutMs,
      () => socket.destroy(new Error(`${url.host} did not answer in ${timeoutMs} ms`)),
    );
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`${url.host} shows no certificate`)));
    socket.once("secureConnect", () => {
      resolve(Date.parse(socket.getPeerCertificate().valid_to));
      socket.destroy();
    });
  });
}
