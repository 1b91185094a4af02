// Distributed tracing with W3C Trace Context. Deno creates and exports spans itself when OTEL_DENO is true; otherwise
// this is all a no-op. The API must not be newer than the version that Deno supports (1.9).
import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from "@opentelemetry/api";

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
  kind?: SpanKind;
}

/** Answers a request in a span of its own, which continues the client's trace; a response from 500 on marks it failed. */
export function tracedRequest(request: Request, answer: () => Promise<Response>): Promise<Response> {
  const { method, headers } = request;
  const attributes = { "http.request.method": method };
  const work = { name: method, parent: headers.get("traceparent"), attributes, kind: SpanKind.SERVER };
  return traced(work, async () => {
    const response = await answer();
    trace.getActiveSpan()?.setAttribute("http.response.status_code", response.status);
    return response;
  }, ({ status }) => status >= 500);
}

/**
 * Runs `work` in a new span. The span is marked failed when `isFailure` returns true for the result, or when the work
 * throws.
 */
export function traced<T>(
  { name, parent, attributes, kind }: Work,
  work: () => Promise<T>,
  isFailure: (result: T) => boolean,
): Promise<T> {
  const tracer = trace.getTracer("akashi");
  return tracer.startActiveSpan(name, { attributes, kind }, contextOf(parent), async (span: Span) => {
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
