// What every app starts with. Apps import from here; specs also from `@pods/service/testing`.
export type { Backoff } from './backoff.ts';
export { systemClock, wakeAt, type Clock } from './clock.ts';
export { ConfigError, loadConfig, type Environment } from './config.ts';
export { DeadlineError, withDeadline } from './deadline.ts';
export { serveHttp, type FetchBindings, type HttpListener, type ServeHttpOptions } from './http-server.ts';
export * from './keyed-queue.ts';
export type { LogFields } from './log-fields.ts';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export * from './nats-connection.ts';
export { startOpsServer, type OpsServerOptions } from './ops-server.ts';
export { pause } from './pause.ts';
export { createQueueMetrics } from './queue-metrics.ts';
export { createReadiness, type Need, type Readiness, type ReadinessState } from './readiness.ts';
export { Redacted } from './redacted.ts';
export { runApp, type AppContext, type RunAppOptions, type RunningApp } from './run-app.ts';
export {
  commonSettings,
  durationMs,
  fileSecret,
  httpSettings,
  natsSettings,
  portSchema,
  urlSchema,
} from './settings.ts';
export * from './requests/answer.ts';
export { RequestFailedError, RequestTimeoutError, ServiceUnavailableError } from './requests/errors.ts';
export { collectBytes, requestChunks, type RequestChunksOptions } from './requests/request-chunks.ts';
export { request, type RequestOptions } from './requests/request.ts';
export { serveChunks } from './requests/serve-chunks.ts';
export { serveRequests } from './requests/serve-requests.ts';
export type { Call, RequestServer, ServeOptions } from './requests/serve.ts';
