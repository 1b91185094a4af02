/** The address with its colons and semicolons, which timecodes in queries need not escape. */
export function readable(url: URL): string {
  return url.href.replaceAll("%3A", ":").replaceAll("%3B", ";");
}
