// The one importer of htmx. Importing it starts it; its configuration stands in a meta element of the page.
import module, { type Htmx } from "htmx.org";
// After htmx: of what carries no nonce of this page it takes the hx- attributes, so that injected ones do nothing.
import "htmx.org/dist/ext/hx-csp.js";

export const htmx = module as unknown as Htmx;
