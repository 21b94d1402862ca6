// Answers questions with one JSON message each.
import type { NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import { serve, type RequestServer, type ServeOptions } from './serve.ts';

/** Subscribes and answers until closed; `request` asks. @throws when the connection is closed or draining. */
export function serveRequests<Schema extends z.ZodType>(
  nc: NatsConnection,
  subject: string,
  options: ServeOptions<Schema, unknown>,
): RequestServer {
  return serve(nc, subject, options, async (message, value) => {
    message.respond(JSON.stringify(value ?? null));
    return Promise.resolve();
  });
}
