import { defineReasons } from "../errors.ts";

/** Why a server outside of the installation cannot be asked. */
export const outboundError = defineReasons("outbound", {
  unavailable: { code: "unavailable", detail: "{host}: {error}" },
});
