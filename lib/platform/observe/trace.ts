// Distributed tracing with W3C Trace Context. Deno creates and exports spans itself when OTEL_DENO is true; otherwise
// this is all a no-op. The API must not be newer than the version that Deno supports (1.9).
import { type Attributes, context, type Span, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";

const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The id of the current trace, for log lines; undefined when tracing is off. */
export function traceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}

/** The current span as a `traceparent` header, for jobs that continue the trace later; null when tracing is off. */
export function traceParent(): string | null {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span) return null;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, "0")}`;
}

/** Names the span of the current request after its route. */
export function nameRequest(method: string, route: string): void {
  trace.getActiveSpan()?.updateName(`${method} ${route}`).setAttribute("http.route", route);
}

interface Work {
  name: string;
  /** The `traceparent` of the request that caused the work. */
  parent: string | null;
  attributes: Attributes;
}

/**
 * Runs `work` in a new span. The span is marked failed when `isFailure` returns true for the result, or when the work
 * throws.
 */
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
