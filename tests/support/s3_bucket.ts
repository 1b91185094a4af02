// The storage interface creates buckets and never deletes one; tests must delete those they created.
import { createHash, createHmac } from "node:crypto";
import type { Config } from "../../lib/platform/config.ts";

/** Deletes an empty bucket by one request, signed with AWS Signature Version 4. */
export async function deleteBucket(config: Config, bucket: string): Promise<void> {
  const url = new URL(`/${bucket}`, config.S3_ENDPOINT);
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${config.S3_REGION}/s3/aws4_request`;
  const empty = createHash("sha256").digest("hex");
  const headers = { "host": url.host, "x-amz-content-sha256": empty, "x-amz-date": time };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join("");
  const request = ["DELETE", url.pathname, "", lines, names, empty].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(request).digest("hex")].join(
    "\n",
  );
  const key = scope.split("/").reduce<string | Uint8Array>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    `AWS4${config.S3_SECRET_ACCESS_KEY}`,
  );
  const signature = createHmac("sha256", key).update(text).digest("hex");
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${config.S3_ACCESS_KEY_ID}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  const answer = await fetch(url, { method: "DELETE", headers: { ...headers, authorization } });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`The bucket ${bucket} could not be deleted: ${answer.status}`);
}
