// Brings a platform up, says what to do with it, and stays with it until it is told to end.
import { setTimeout as delay } from 'node:timers/promises';
import { kubeconfigOf } from '../cluster/certificates.ts';
import { chooseKubeconfig, type ChosenContext } from '../cluster/existing/kubeconfig.ts';
import { checkOwnCluster, useExistingCluster } from '../cluster/existing/use.ts';
import { LOCAL_IMAGE, runDemo } from '../demo/docpod.ts';
import { readIdentity } from '../identity/identity-file.ts';
import { keeperSpec } from '../keeper/part.ts';
import { KEEPER } from '../keeper/round.ts';
import { edgeAuthorityFile } from '../parts/edge.ts';
import { writePlatformInfo } from '../platform-info.ts';
import { findPlatform, openPlatform, type Platform } from '../platform.ts';
import { haltDaemon, startDaemon } from '../process/daemon.ts';
import { readAlive, recordedNames } from '../process/records.ts';
import { becomeStarter, resignAsStarter } from '../process/starter.ts';
import { findKubectl } from '../programs/kubectl.ts';
import type { ProgramPlaces } from '../programs/places.ts';
import type { Settings } from '../settings/settings.ts';
import { remember, type GivenValues } from '../settings/sources.ts';
import { withStateFolder } from '../settings/state-folder.ts';
import { stepsOf } from '../steps/all.ts';
import { checkStateRoom, explainFullDisk } from '../steps/disk.ts';
import type { Findings } from '../steps/findings.ts';
import { checkOwner, checkRights, MachineError } from '../steps/machine.ts';
import { runSteps, StepError } from '../steps/step.ts';
import type { Screen } from '../ui/screen.ts';
import { createStartView } from '../ui/start-view.ts';
import { formatDuration } from '../ui/style.ts';
import { judgeTime, renderEnded, renderSummary, type StartKind } from '../ui/summary.ts';
import { newRestarts } from './ends.ts';
import { renderBrief, renderStatus, statusOfAll, type PartStatus } from './status.ts';
import { endParts } from './stop.ts';

/** What a start is asked for. */
export type StartRequest = {
  readonly settings: Settings;
  readonly given: GivenValues;
  readonly places: ProgramPlaces;
  readonly detach: boolean;
  readonly demo: boolean;
  readonly screen: Screen;
  /** Aborted when the platform is to end. */
  readonly signal: AbortSignal;
};

const WATCH_MS = 2_000;
/** What shells give for a command that Ctrl-C ended. */
const INTERRUPTED = 130;

const isAnyAlive = async ({ folders }: Platform): Promise<boolean> => {
  const names = await recordedNames(folders.run);
  const records = await Promise.all(names.map(async (name) => await readAlive(folders.run, name)));
  return records.some((record) => record !== undefined);
};

const endAll = async (platform: Platform, { screen }: StartRequest): Promise<void> => {
  const startedMs = performance.now();
  await endParts(platform, (text) => {
    screen.print(`  ending ${text}`);
  });
  screen.print(renderEnded(performance.now() - startedMs, platform.folders.state, platform.existing));
};

const runAllSteps = async (platform: Platform, request: StartRequest): Promise<Findings> => {
  const findings: Findings = {};
  const steps = stepsOf(platform, request.places, findings);
  const view = createStartView(request.screen, steps);
  try {
    await runSteps(steps, request.signal, view.notify);
  } finally {
    view.close();
  }
  const { programs } = findings;
  const kubectl = programs === undefined ? await findKubectl(request.places) : [programs.kube, 'kubectl'];
  await writePlatformInfo(platform, kubectl);
  return findings;
};

/** The pod that shows that everything works. A failure is told, not thrown: the platform itself is up. */
const showDemo = async (platform: Platform, { screen, signal }: StartRequest): Promise<string | undefined> => {
  const { paint } = screen;
  const startedMs = performance.now();
  screen.print('', `  ${paint.bold('docpod')}, a pod with a web page:`);
  try {
    const { url, routeMs } = await runDemo(platform, signal, (text) => {
      screen.print(`    ${formatDuration(performance.now() - startedMs).padStart(8)}  ${text}`);
    });
    screen.print(
      `    ${formatDuration(performance.now() - startedMs).padStart(8)}  ${paint.good('its page answers')} at ${url} ${paint.dim(`(${Math.round(routeMs)} ms after AVAILABLE)`)}`,
    );
    return url;
  } catch (error) {
    signal.throwIfAborted();
    screen.print(paint.bad(`  docpod does not answer: ${error instanceof Error ? error.message : String(error)}`));
    return undefined;
  }
};

const showSummary = async (
  platform: Platform,
  { screen }: StartRequest,
  demoUrl: string | undefined,
): Promise<void> => {
  const { folders, settings } = platform;
  const facts = {
    identity: await readIdentity(settings),
    caFile: edgeAuthorityFile(platform),
    logFolder: folders.log,
    stateFolder: folders.state,
    kubeconfigFile: kubeconfigOf(platform, 'admin'),
    image: settings.demoImage ?? (platform.existing === undefined ? LOCAL_IMAGE : 'IMAGE'),
    edgePort: settings.ports.edge,
    demoUrl,
  };
  screen.print(...renderSummary(facts, screen.paint));
};

/** Shows how things are until the signal comes. Where nothing can be drawn again, only changes are written. */
const watch = async (platform: Platform, { screen, signal }: StartRequest): Promise<void> => {
  const sinceMs = performance.now();
  const isOver = (): boolean => signal.aborted;
  let last = '';
  let before: readonly PartStatus[] = [];
  while (!isOver()) {
    const parts = await statusOfAll(platform);
    // What ends while everything is being ended is no news.
    if (isOver()) break;
    const news = newRestarts(before, parts);
    screen.print(...news.map((line) => `  ${new Date().toISOString()}  ${screen.paint.busy(line)}`));
    before = parts;
    // The keeper looks after all others, and this process after the keeper.
    if (parts.some(({ name, health }) => name === KEEPER && health === 'dead'))
      await startDaemon(platform.home, keeperSpec(platform.home));
    const brief = renderBrief(parts, screen.paint);
    const unwell = parts.filter(({ health }) => health !== 'up');
    if (brief !== last && (last !== '' || unwell.length > 0)) {
      screen.print(`  ${new Date().toISOString()}  ${brief}`, ...renderStatus(unwell, screen.paint));
    }
    last = brief;
    const upTime = screen.paint.dim(`up ${formatDuration(performance.now() - sinceMs)}  Ctrl-C ends everything`);
    screen.show([`  ${brief}  ${upTime}`]);
    await delay(WATCH_MS, undefined, { signal }).catch(() => undefined);
  }
  screen.show([]);
};

const explain = async (error: StepError, { screen, settings }: StartRequest): Promise<void> => {
  const { paint } = screen;
  const lines = [`${error.step.title}: ${error.message}`, await explainFullDisk(settings.stateFolder)];
  const text = lines.filter((line) => line !== undefined).join('\n');
  screen.print('', paint.bad(`  ${text.replaceAll('\n', '\n  ')}`), '');
};

const NO_DEMO =
  'docpod is left out: its image is in the local registry, which an existing cluster does not know. --demo-image IMAGE names another one, a web server on port 5000.';

const bringUp = async (platform: Platform, request: StartRequest, isNew: boolean): Promise<boolean> => {
  const { screen } = request;
  const startedMs = performance.now();
  const findings = await runAllSteps(platform, request);
  const hasImage = platform.existing === undefined || platform.settings.demoImage !== undefined;
  if (request.demo && !hasImage) screen.print('', `  ${NO_DEMO}`);
  const isDemo = request.demo && hasImage;
  const demoUrl = isDemo ? await showDemo(platform, request) : undefined;
  await showSummary(platform, request, demoUrl);
  if (findings.warning !== undefined && findings.warning.length > 0)
    screen.print(...findings.warning.map((line) => screen.paint.bad(`  ${line}`)), '');
  const kind: StartKind = (findings.built ?? []).length > 0 ? 'first' : isNew ? 'fresh' : 'again';
  screen.print(`  ${judgeTime(kind, performance.now() - startedMs, screen.paint)}`);
  return !isDemo || demoUrl !== undefined;
};

const run = async (platform: Platform, request: StartRequest, isNew: boolean): Promise<number> => {
  const { screen, signal } = request;
  // From here to the end of the last step only this process starts and ends anything.
  await haltDaemon(platform.home, KEEPER);
  const ranBefore = await isAnyAlive(platform);
  if (ranBefore)
    screen.print(
      '  A platform already runs in this state folder: what runs is kept, what has changed or ended is started again.',
      '',
    );
  let isUp = false;
  try {
    const isWell = await bringUp(platform, request, isNew);
    isUp = true;
    if (request.detach) {
      screen.print('  It goes on in the background: npm run status shows it, npm stop ends it.');
      return isWell ? 0 : 1;
    }
    screen.print('');
    await watch(platform, request);
  } catch (error) {
    if (!signal.aborted) {
      // What ran before goes on, and is looked after again.
      if (ranBefore) await startDaemon(platform.home, keeperSpec(platform.home));
      if (!(error instanceof StepError)) throw error;
      screen.print('');
      if (!ranBefore) await endAll(platform, request);
      // At the end, where it is read.
      await explain(error, request);
      return 1;
    }
  }
  screen.print('');
  await endAll(platform, request);
  return isUp ? 0 : INTERRUPTED;
};

/** Before the settings are remembered: a cluster that cannot be used leaves no trace in the state folder. */
const withCluster = async (
  platform: Platform,
  chosen: ChosenContext | undefined,
  signal: AbortSignal,
): Promise<Platform> => {
  if (chosen !== undefined) return await useExistingCluster(platform, chosen, signal);
  checkOwnCluster(platform);
  return platform;
};

/** The next command may be given in another folder. */
const rememberable = ({ given, settings }: StartRequest): GivenValues =>
  settings.kubeconfig === undefined ? given : { ...given, kubeconfig: settings.kubeconfig.file };

/** Starts a platform. @returns the exit code of the process. */
export const start = async (request: StartRequest): Promise<number> => {
  const { settings, screen } = request;
  const { kubeconfig } = settings;
  if (kubeconfig === undefined) checkRights();
  else await checkOwner(settings.stateFolder, false);
  const chosen = kubeconfig === undefined ? undefined : await chooseKubeconfig(kubeconfig);
  const { isNew, platform, other } = await withStateFolder(settings.stateFolder, async () => {
    const found = await findPlatform(settings);
    await checkStateRoom(settings.stateFolder, found === undefined);
    const opened = await openPlatform(settings);
    return { isNew: found === undefined, platform: opened, other: await becomeStarter(opened.folders) };
  });
  if (other !== undefined) {
    throw new MachineError([
      `A platform already runs in ${platform.folders.state}: npm start, process ${other.pid}, is with it.`,
      'npm run status shows it, npm stop ends it. Another one needs another state folder: --state FOLDER.',
    ]);
  }
  try {
    screen.print(`${screen.paint.bold('Pods Service')}, local platform in ${platform.folders.state}`, '');
    const ready = await withCluster(platform, chosen, request.signal).catch((error: unknown) => {
      if (!request.signal.aborted) throw error;
    });
    if (ready === undefined) return INTERRUPTED;
    await remember(platform.folders.state, rememberable(request));
    return await run(ready, request, isNew);
  } finally {
    await resignAsStarter(platform.folders);
  }
};
