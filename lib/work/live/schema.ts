// How a noun declares its live events. Islands and debugging tools take their types from the declarations.
import { z } from "zod";

/** One kind of live event, declared once in the folder of its noun. */
export interface LiveEvent<Topic extends string = string, Data extends object = object> {
  /** The name of the server-sent event, and `type` in its data. */
  topic: Topic;
  schema: z.ZodType<Data>;
  /** The asset whose audience may receive the event; null when the whole tenant may. */
  assetOf(data: Data): string | null;
}

/** An event as it goes over the wire. A type is a name, so that it fits in a line of the event stream. */
export const liveMessageSchema = z.looseObject({ type: z.string().regex(/^[a-z_]{1,50}$/) });
export type LiveMessage = z.infer<typeof liveMessageSchema>;

/** The message of a declared event: `EventOf<typeof assetEvent>`. */
export type EventOf<Event> = Event extends LiveEvent<infer Topic, infer Data> ? { type: Topic } & Data
  : never;

/** Declares a live event. */
export function defineLiveEvent<Topic extends string, Data extends object>(
  event: LiveEvent<Topic, Data>,
): LiveEvent<Topic, Data> {
  return event;
}
