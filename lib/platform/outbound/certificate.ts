// Reads the TLS certificate of an https address.
import { connect } from "node:tls";

/**
 * Expiry of the certificate that `url` presents, in milliseconds since the epoch. An untrusted or expired certificate
 * is read as well. Rejects when there is no answer within `timeoutMs`.
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
