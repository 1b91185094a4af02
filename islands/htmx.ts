// The one importer of htmx. Importing it starts it; its configuration stands in a meta element of the page.
import module, { type Htmx } from "htmx.org";

export const htmx = module as unknown as Htmx;
