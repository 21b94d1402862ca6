// A program for a run's guard: removes the containers of the run whose guard has this folder.
import { removeContainers } from './engine.ts';

const run = process.argv[2];
if (run === undefined) throw new Error('remove.ts is started by a guard only');
await removeContainers(run);
