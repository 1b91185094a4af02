import { defineReasons } from "../errors.ts";

/** Why a server outside of the installation cannot be asked. */
export const outboundError = defineReasons("outbound", {
  away: { code: "unavailable", detail: "{host}: {error}" },
});
