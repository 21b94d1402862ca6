// Where values of settings come from: flags, then the environment, then what the state folder remembers.
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { putFile, readIfThere } from '../files/put-file.ts';
import type { Environment } from '../programs/places.ts';
import { settingNames, variableOf } from './schema.ts';
import { SettingsError } from './settings.ts';
import { withStateFolder } from './state-folder.ts';

/** Values by setting, as they were given: not checked yet. */
export type GivenValues = Readonly<Record<string, string>>;

const rememberedSchema = z.record(z.string(), z.string());

const fileOf = (stateFolder: string): string => join(stateFolder, 'settings.json');

/** The settings that an environment gives. */
export const fromEnvironment = (environment: Environment): GivenValues =>
  Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = environment[variableOf(name)];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );

/**
 * What a state folder was last started with, apart from its own place; nothing for a new folder.
 * @throws SettingsError when the folder cannot be used, or the file was changed by hand into something else.
 */
const recall = async (stateFolder: string): Promise<GivenValues> => {
  const content = await withStateFolder(stateFolder, async () => await readIfThere(fileOf(stateFolder)));
  if (content === undefined) return {};
  try {
    return rememberedSchema.parse(JSON.parse(content));
  } catch {
    throw new SettingsError([
      `${fileOf(stateFolder)} cannot be read: correct it, or delete it to use the defaults again`,
    ]);
  }
};

/** Keeps the given values in the state folder, so that stop and status need not be told them again. */
export const remember = async (stateFolder: string, given: GivenValues): Promise<void> => {
  const { state: _state, ...rest } = given;
  await putFile(fileOf(stateFolder), `${JSON.stringify(rest, undefined, 2)}\n`);
};

/** All given values for one run: a flag goes before the environment, and that before what is remembered. */
export const collect = async (flags: GivenValues, environment: Environment, cwd: string): Promise<GivenValues> => {
  const now = { ...fromEnvironment(environment), ...flags };
  return { ...(await recall(resolve(cwd, now['state'] ?? '.pods'))), ...now };
};
