const YEAR_SECONDS = 365 * 24 * 3600;

/** Stores a display preference in a cookie, under the name by which the server reads it. */
export function keepChoice(name: "akashi_rail" | "akashi_grid", value: string): void {
  const [prefix, secure] = location.protocol === "https:" ? ["__Host-", "; secure"] : ["", ""];
  document.cookie = `${prefix}${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
}
