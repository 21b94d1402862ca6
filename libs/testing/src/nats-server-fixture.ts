// A nats-server for one spec alone, which may be killed and started again.
import { inject } from 'vitest';
import { type NatsServer, startNatsServer } from './servers/nats-server.ts';
import { startGuard } from './servers/start-guard.ts';

export interface NatsServerFixture extends NatsServer {
  /** Ends the server and removes its store. */
  readonly stop: () => Promise<void>;
}

/** Starts a nats-server on a store of its own. `extraConfig` is appended to its configuration file. */
export async function natsServerFixture(extraConfig = ''): Promise<NatsServerFixture> {
  const source = inject('natsSource');
  if (source.kind === 'image') {
    const { startNatsContainer } = await import('./containers/nats-container.ts');
    return await startNatsContainer(source.run, source.image, extraConfig);
  }
  const guard = await startGuard('nats');
  try {
    const server = await startNatsServer(guard, source.program, extraConfig);
    return { ...server, stop: guard.stop };
  } catch (error) {
    await guard.stop();
    throw error;
  }
}
