// A nats-server in a container of its own, with the settings that `startNatsServer` gives to a process.
import { freePort } from '../servers/free-port.ts';
import { type NatsServer, type NatsServerOptions, untilGreeted } from '../servers/nats-server.ts';
import { startContainer } from './engine.ts';

export interface NatsContainer extends NatsServer {
  /** Ends the server and removes its store. */
  readonly stop: () => Promise<void>;
}

const innerPort = 4222;
const configFile = '/pods-nats.conf';

/** Starts it and waits until it answers. `extraConfig` is appended to its configuration file. */
export async function startNatsContainer(run: string, image: string, extraConfig = ''): Promise<NatsContainer> {
  const configFor = ({ isSynced = true }: NatsServerOptions): string => {
    const sync = isSynced ? ', sync_interval: always' : '';
    return [`listen: "0.0.0.0:${innerPort}"`, `jetstream { store_dir: "/pods-store"${sync} }`, extraConfig, ''].join(
      '\n',
    );
  };
  const port = await freePort();
  const container = await startContainer({
    run,
    image,
    // The entry point of every official image takes the server's own flags.
    command: ['--config', configFile],
    environment: {},
    files: { [configFile]: configFor({}) },
    innerPort,
    port,
    readyMessage: /Server is ready/,
  });
  await untilGreeted(container, port, container.host);
  return {
    url: `nats://${container.host}:${port}`,
    kill: container.kill,
    restart: async (options = {}) => {
      await container.putFile(configFile, configFor(options));
      await container.start();
      await untilGreeted(container, port, container.host);
    },
    stop: container.remove,
  };
}
