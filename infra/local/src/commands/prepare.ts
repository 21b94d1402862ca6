// Brings what a start needs from the network (Debian packages, programs, images), and starts nothing: afterwards starts
// work without a network.
import { ensureSystemUser } from '../parts/postgres-programs.ts';
import type { ProgramPlaces } from '../programs/places.ts';
import { buildImages } from '../steps/images.ts';
import { checkRights } from '../steps/machine.ts';
import { ensurePackages } from '../steps/packages.ts';
import { ensurePrograms } from '../steps/programs.ts';
import { runSteps, StepError, type Step } from '../steps/step.ts';
import type { Screen } from '../ui/screen.ts';
import { createStartView } from '../ui/start-view.ts';

/** What preparing works with. */
export type PrepareRequest = {
  readonly places: ProgramPlaces;
  readonly screen: Screen;
  /** Aborted when whoever called wants an end. */
  readonly signal: AbortSignal;
};

/** What shells give for a command that Ctrl-C ended. */
const INTERRUPTED = 130;

const stepsOf = ({ places }: PrepareRequest): readonly Step[] => [
  {
    id: 'packages',
    title: 'Debian packages',
    after: [],
    run: async (context) => {
      const summary = await ensurePackages(context);
      await ensureSystemUser();
      return summary;
    },
  },
  {
    id: 'programs',
    title: 'programs',
    after: ['packages'],
    run: async (context) => (await ensurePrograms(places, context)).summary,
  },
  {
    id: 'images',
    title: 'images',
    after: ['programs'],
    run: async (context) => (await buildImages(places.cacheFolder, context)).summary,
  },
];

/** Prepares the machine. Safe to repeat. @returns the exit code of the process. */
export const prepare = async (request: PrepareRequest): Promise<number> => {
  const { screen, signal } = request;
  checkRights();
  const steps = stepsOf(request);
  const view = createStartView(screen, steps);
  let failure: StepError | undefined;
  try {
    await runSteps(steps, signal, view.notify);
  } catch (error) {
    if (signal.aborted) return INTERRUPTED;
    if (!(error instanceof StepError)) throw error;
    failure = error;
  } finally {
    view.close();
  }
  if (failure === undefined) return 0;
  const text = `${failure.step.title}: ${failure.message}`;
  screen.print('', screen.paint.bad(`  ${text.replaceAll('\n', '\n  ')}`), '');
  return 1;
};
