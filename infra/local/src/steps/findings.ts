// What steps work with and find out, and how a part becomes a step.
import type { BuiltImage } from '@pods/images';
import { keeper } from '../keeper/part.ts';
import { startPart, type BasicPrograms, type Part, type Programs } from '../parts/part.ts';
import type { Platform } from '../platform.ts';
import type { ProgramName } from '../programs/catalogue.ts';
import type { ProgramPlaces } from '../programs/places.ts';
import type { Step } from './step.ts';

/** What the steps found out, for those who come after them. */
export type Findings = {
  /** With a cluster of our own. */
  programs?: Programs;
  /** With an existing cluster. */
  basics?: BasicPrograms;
  built?: readonly ProgramName[];
  images?: readonly BuiltImage[];
  /** What whoever started the platform has to know, in lines. */
  warning?: readonly string[];
};

/** What the steps work with. */
export type Start = { readonly platform: Platform; readonly places: ProgramPlaces; readonly findings: Findings };

/** A finding that an earlier step has made. */
export const found = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(`${what}: asked for before its step was done`);
  return value;
};

const describePorts = (platform: Platform, { name, ports }: Pick<Part, 'name' | 'ports'>): string => {
  const [port] = ports(platform);
  if (name === keeper.name) return 'starts again what ends by itself';
  return port === undefined ? 'ready' : `ready on 127.0.0.1:${port}`;
};

/** A part with the programs that it needs, at hand once the steps before it are done. */
export type PartWithPrograms<Needs> = { readonly part: Part<Needs>; readonly programs: () => Needs };

/** The step that starts a part. */
export const partStep = <Needs>(
  platform: Platform,
  { part, programs }: PartWithPrograms<Needs>,
  after: readonly string[],
): Step => ({
  id: part.name,
  title: part.title,
  after,
  run: async ({ signal }) => {
    await startPart(platform, part, programs(), signal);
    return describePorts(platform, part);
  },
});
