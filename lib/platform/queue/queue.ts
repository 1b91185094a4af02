// Transport of job messages. A message is only a hint: the jobs table is the source of truth, and a claim there
// decides.
import { z } from "zod";
import { uuidSchema } from "../ids.ts";

/** Validated on both ends: an invalid message is a bug when sent, and dead-lettered when received. */
export const jobMessageSchema = z.object({
  jobId: uuidSchema,
  tenantId: uuidSchema,
  kind: z.string().regex(/^[a-z_]{1,50}$/, "expected a kind of job"),
});
export type JobMessage = z.infer<typeof jobMessageSchema>;

/** What the transport does with a message after its handler. */
export type Verdict =
  /** Acknowledge: the job was handled, or another worker holds it. */
  | "done"
  /** Redeliver: the handler could not process it now. */
  | "again"
  /** Dead-letter: the message can never be processed. */
  | "dead";

/**
 * The kinds to consume and how many messages of each are processed at once. Per kind, so that posters do not queue
 * behind long proxies.
 */
export type Slots = Readonly<Record<string, number>>;

export interface Consumer {
  /** False while a queue has no live consumer; readiness checks this. */
  isLive(): boolean;
  /** Stops consuming, waits for running handlers, and requeues messages that were not started. */
  stop(): Promise<void>;
}

export interface Queue {
  readonly kind: "rabbitmq" | "embedded";
  /** How many more messages of `kind` can usefully be published now; the relay takes at most that many jobs. */
  room(kind: string): number;
  /** Resolves when the broker has stored the message in a queue; otherwise throws `unavailable`. */
  publish(message: JobMessage): Promise<void>;
  consume(slots: Slots, handler: (message: JobMessage) => Promise<Verdict>): Promise<Consumer>;
  /** Throws when the transport cannot be used right now. */
  check(): Promise<void>;
  close(): Promise<void>;
}
