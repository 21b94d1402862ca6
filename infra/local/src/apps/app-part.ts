// What all processes of our own have in common as parts: one program each, settings in the environment, health on a port.
import { execPath } from 'node:process';
import type { Part } from '../parts/part.ts';
import type { Platform } from '../platform.ts';
import { probe } from '../process/probe.ts';
import type { Ports } from '../settings/settings.ts';
import { entryOf, sourceFilesOf } from './sources.ts';

/** What is different from app to app. */
export type AppDefinition = {
  readonly name: string;
  readonly title: string;
  /** Its folder, from the root of the checkout. */
  readonly project: string;
  readonly opsPort: (ports: Ports) => number;
  /** The port of its main listener, if it has one. */
  readonly httpPort?: (ports: Ports) => number;
  readonly environment: (platform: Platform) => Readonly<Record<string, string>>;
  /** Files with credentials that it reads when it starts. */
  readonly credentials: (platform: Platform) => readonly string[];
};

/** Address of an app's health and metrics. */
export const opsUrlOf = ({ settings }: Platform, app: AppDefinition): string =>
  `http://127.0.0.1:${app.opsPort(settings.ports)}`;

const commonEnvironment = ({ settings }: Platform, app: AppDefinition): Readonly<Record<string, string>> => ({
  PODS_SITE: settings.site,
  LOG_LEVEL: settings.logLevel,
  OPS_HOST: '127.0.0.1',
  OPS_PORT: String(app.opsPort(settings.ports)),
  ...(app.httpPort === undefined ? {} : { HTTP_HOST: '127.0.0.1', HTTP_PORT: String(app.httpPort(settings.ports)) }),
});

/** An app as a part of the platform. It is ready when it says so, which is not before it has caught up with the log. */
export const appPart = (app: AppDefinition): Part<unknown> => ({
  name: app.name,
  title: app.title,
  ports: ({ settings }) => [
    ...(app.httpPort === undefined ? [] : [app.httpPort(settings.ports)]),
    app.opsPort(settings.ports),
  ],
  readyMs: 60_000,
  prepare: async (platform) => ({
    name: app.name,
    program: execPath,
    args: [entryOf(app.project)],
    env: { ...commonEnvironment(platform, app), ...app.environment(platform) },
    files: [...(await sourceFilesOf(app.project)), ...app.credentials(platform)],
    // Long enough for what it is in the middle of.
    graceMs: 15_000,
  }),
  check: async (platform) => {
    await probe(`${opsUrlOf(platform, app)}/readyz`);
  },
});
