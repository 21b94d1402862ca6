// The public door of the local platform: the programs it is made of.
export { programNames, type ProgramName } from './programs/catalogue.ts';
export { ensureProgram, type EnsureOptions, type ProgramProgress } from './programs/ensure.ts';
export { ProgramError } from './programs/errors.ts';
export { cacheFolderOf, placesOf, type ProgramPlaces } from './programs/places.ts';
