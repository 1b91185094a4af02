// Conditional requests for files (RFC 9110 §13).

/** What a client's conditions are compared with. */
export interface Validators {
  /** Strong. */
  etag: string;
  modifiedAt: Date;
}

/**
 * What a conditional GET or HEAD is answered instead of the file, in the order of RFC 9110 §13.2.2: 412 when the client
 * wants another state, 304 when it has this one, undefined when it gets the file.
 */
export function findUnmet(headers: Headers, { etag, modifiedAt }: Validators): 304 | 412 | undefined {
  const seconds = Math.floor(modifiedAt.getTime() / 1000);
  const ifMatch = headers.get("If-Match");
  if (ifMatch !== null) {
    if (!lists(ifMatch, etag)) return 412;
  } else if (seconds > secondsOf(headers.get("If-Unmodified-Since"))) return 412;

  const ifNoneMatch = headers.get("If-None-Match");
  if (ifNoneMatch !== null) {
    return lists(ifNoneMatch.replaceAll(/(^|[\s,])W\//g, "$1"), etag) ? 304 : undefined;
  }
  return seconds <= secondsOf(headers.get("If-Modified-Since")) ? 304 : undefined;
}

/** True when a list of tags has this one, or is `*`. Compressing proxies weaken tags, which `If-None-Match` disregards. */
function lists(tags: string, etag: string): boolean {
  return tags.trim() === "*" || tags.split(",").some((tag) => tag.trim() === etag);
}

/** A date in seconds since 1970; no number, to which nothing compares, where it is missing or not a date. */
function secondsOf(date: string | null): number {
  return date === null ? NaN : Math.floor(Date.parse(date) / 1000);
}
