// Numbers about requests, by route template.
import type { Metrics } from '@pods/service';

export interface RequestMetrics {
  readonly observe: (request: {
    readonly method: string;
    /** The template, or `unmatched`. */
    readonly route: string;
    readonly status: number;
    readonly durationMs: number;
  }) => void;
}

/** Call once per app. */
export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  const requests = metrics.counter('http_requests_total', 'Requests by route and status', [
    'method',
    'route',
    'status',
  ]);
  const seconds = metrics.histogram('http_request_seconds', 'Duration of requests by route', ['method', 'route']);
  return {
    observe: ({ method, route, status, durationMs }) => {
      requests.inc({ method, route, status: String(status) });
      seconds.observe({ method, route }, durationMs / 1000);
    },
  };
}
