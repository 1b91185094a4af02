const YEAR_SECONDS = 365 * 24 * 3600;

/** Keeps on this device how somebody likes pages to look, under the name by which the server reads it. */
export function keepChoice(name: "akashi_rail" | "akashi_grid", value: string): void {
  const [prefix, secure] = location.protocol === "https:" ? ["__Host-", "; secure"] : ["", ""];
  document.cookie = `${prefix}${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
}
