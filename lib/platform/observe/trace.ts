// What belongs together across processes: W3C Trace Context. Deno makes and sends spans by itself where OTEL_DENO is true;
// otherwise nothing here does anything. The API must not be newer than the version that Deno speaks (1.9).
import { type Attributes, context, type Span, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";

const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The trace that this runs in, for log lines; undefined when traces are off. */
export function traceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}

/** What runs now as `traceparent` writes it, to be handed to what comes of it later; null when traces are off. */
export function traceParent(): string | null {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span) return null;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, "0")}`;
}

/** Says of the request that is answered which route it took. */
export function nameRequest(method: string, route: string): void {
  trace.getActiveSpan()?.updateName(`${method} ${route}`).setAttribute("http.route", route);
}

interface Work {
  name: string;
  /** What `traceParent` said where the work was wanted. */
  parent: string | null;
  attributes: Attributes;
}

/** Does `work` in a span of its own. The span has failed when `isFailure` says so of the result, or the work throws. */
export function traced<T>(
  { name, parent, attributes }: Work,
  work: () => Promise<T>,
  isFailure: (result: T) => boolean,
): Promise<T> {
  const tracer = trace.getTracer("akashi");
  return tracer.startActiveSpan(name, { attributes }, contextOf(parent), async (span: Span) => {
    try {
      const result = await work();
      if (isFailure(result)) span.setStatus({ code: SpanStatusCode.ERROR, message: String(result) });
      return result;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

function contextOf(parent: string | null) {
  const [, traceId, spanId, flags] = TRACE_PARENT.exec(parent ?? "") ?? [];
  if (!traceId || !spanId) return context.active();
  const traceFlags = parseInt(flags!, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(context.active(), { traceId, spanId, traceFlags, isRemote: true });
}
