const YEAR_SECONDS = 365 * 24 * 3600;

/** Stores a display preference in a cookie, under the name by which the server reads it. */
export function keepChoice(name: "akashi_rail" | "akashi_grid" | "akashi_zone", value: string): void {
  const [prefix, secure] = location.protocol === "https:" ? ["__Host-", "; secure"] : ["", ""];
  document.cookie = `${prefix}${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
}

/** Tells the server the time zone of this browser, in which the next page shows its times. */
export function keepZone(): void {
  keepChoice("akashi_zone", Intl.DateTimeFormat().resolvedOptions().timeZone);
}
