// The only importer of htmx. Importing starts it; its configuration is in a meta element of the page.
import module, { type Htmx } from "htmx.org";
// Must be loaded after htmx: it removes hx- attributes from elements without this page's nonce, so that injected ones
// are inert.
import "htmx.org/dist/ext/hx-csp.js";

export const htmx = module as unknown as Htmx;
