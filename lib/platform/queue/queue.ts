// How a worker hears of a job. A message is a hint: the jobs table holds the truth, and a claim there decides.
import { z } from "zod";
import { uuidSchema } from "../ids.ts";

/** Parsed on both ends: what does not fit is a bug when sent and garbage when received. */
export const jobMessageSchema = z.object({
  jobId: uuidSchema,
  tenantId: uuidSchema,
  kind: z.string().regex(/^[a-z_]{1,50}$/, "expected a kind of job"),
});
export type JobMessage = z.infer<typeof jobMessageSchema>;

/** What the transport does with a message once its handler is through. */
export type Verdict =
  /** It is dealt with, or somebody else has it. */
  | "done"
  /** The handler could not look at it; deliver it again. */
  | "again"
  /** Nobody will ever be able to read it; put it aside. */
  | "dead";

export interface ConsumeOptions {
  kinds: readonly string[];
  /** How many messages of each kind are worked on at once, so that a poster does not wait for a long proxy. */
  concurrency: number;
}

export interface Consumer {
  /** False while no live consumer is attached to every queue; readiness looks at this. */
  isLive(): boolean;
  /** Takes no further message, waits for the running handlers, hands back what was not begun. */
  stop(): Promise<void>;
}

export interface Queue {
  readonly kind: "rabbitmq" | "embedded";
  /** How many more messages of `kind` it makes sense to publish right now: the relay takes no more jobs than that. */
  room(kind: string): number;
  /** Resolves when the broker has the message in a queue; throws `unavailable` when it has not. */
  publish(message: JobMessage): Promise<void>;
  consume(options: ConsumeOptions, handler: (message: JobMessage) => Promise<Verdict>): Promise<Consumer>;
  /** Throws when the transport cannot be used right now. */
  check(): Promise<void>;
  close(): Promise<void>;
}
