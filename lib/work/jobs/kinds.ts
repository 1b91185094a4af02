// Kinds of job. Each noun declares its own kinds; this knows none of them.
import { z } from "zod";
import { jobError } from "./schema.ts";

/** What a run gets: the asset with its original downloaded, the asset alone, or neither. */
export type JobInput = "original" | "asset" | "none";

/** What a noun declares about a kind of job. */
export interface JobDeclaration<Name extends string, Payload, Input extends JobInput> {
  name: Name;
  /** The parameters of a job, parsed when it is enqueued and again when it is claimed. */
  payload: z.ZodType<Payload>;
  input: Input;
  /** A job of this kind on the same asset, enqueued together with it, has to be completed first. */
  waitsFor?: JobKind;
  /** Queue on the broker. Kinds with the same queue share its slots. */
  queue?: string;
  /** Slots in one worker: how many jobs of its queue run at once. WORKER_CONCURRENCY when left out. */
  concurrency?: number;
  /**
   * Some jobs of this kind take minutes or hours. All count as long until `markShort` says that one is not, and one slot
   * of every worker stays free for short ones.
   */
  mayBeLong?: boolean;
  /** A run that takes longer is stopped. JOB_LIMIT_SECONDS is the upper bound, and the value when left out. */
  timeLimitSeconds?: number;
  /** Runs before a job has failed. */
  attempts?: number;
  /** Of a tenant's jobs that are due, those of higher priority run first. */
  priority?: number;
}

export interface JobKind<
  Name extends string = string,
  Payload = unknown,
  Input extends JobInput = JobInput,
> extends JobDeclaration<Name, Payload, Input> {
  queue: string;
  attempts: number;
  priority: number;
  mayBeLong: boolean;
}

/** A job to be enqueued. */
export interface JobOrder {
  kind: JobKind;
  payload: unknown;
  /** That of the kind when left out. */
  priority?: number;
}

const NAME = /^[a-z_]{1,50}$/;
const declared = new Map<string, JobKind>();

/** Declares a kind of job. Throws for a name that is taken or malformed, and for a chain of prerequisites. */
export function defineJobKind<Name extends string, Payload, Input extends JobInput>(
  declaration: JobDeclaration<Name, Payload, Input>,
): JobKind<Name, Payload, Input> {
  const { name, waitsFor } = declaration;
  if (!NAME.test(name) || declared.has(name)) throw new Error(`Invalid or duplicate kind of job: ${name}`);
  // Cancelling and retrying follow prerequisites one step.
  if (waitsFor?.waitsFor) throw new Error(`${name} waits for a kind that waits itself: ${waitsFor.name}`);
  const kind = { queue: name, attempts: 3, priority: 0, mayBeLong: false, ...declaration };
  declared.set(name, kind);
  return kind;
}

/** The declared kind of this name, if its declaration is loaded in this process. */
export function findJobKind(name: string): JobKind | undefined {
  return declared.get(name);
}

/** A job of this kind with these parameters, for `enqueueJobs`. */
export function orderJob<Payload>(
  kind: JobKind<string, Payload>,
  payload: Payload,
  priority = kind.priority,
): JobOrder {
  return { kind, payload, priority };
}

/** The parameters of a stored job. Throws `invalid` when they are not those of its kind, for example of a later version. */
export function parsePayload<Payload>(kind: JobKind<string, Payload>, stored: unknown): Payload {
  const { success, data } = kind.payload.safeParse(stored);
  if (!success) throw jobError("payload_invalid", { kind: kind.name });
  return data;
}

/** The payload of kinds that need no parameters. */
export const noPayload = z.object({});
