import { defineReasons } from "../errors.ts";

/** Why the queue does not take a message, whichever adapter it is. */
export const queueError = defineReasons("queue", {
  blocked: { code: "unavailable", detail: "RabbitMQ takes no messages right now." },
  not_declared: { code: "unavailable", detail: "RabbitMQ has no queue for {kind}." },
  unavailable: { code: "unavailable", detail: "RabbitMQ cannot be used right now: {error}", retryAfter: 5 },
  full: { code: "unavailable", detail: "The queue takes no more jobs right now." },
  closed: { code: "unavailable", detail: "The queue is closed." },
});
