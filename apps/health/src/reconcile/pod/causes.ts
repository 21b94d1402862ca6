// The causes that a user reads beside ERROR and COMPLETE, and the message about a container that waits. Pure.
import type { Cause } from '@pods/domain-pods';
import type { ObservedContainer, ObservedPod } from './observed-pod.ts';
import type { StartTrouble } from './start-trouble.ts';

type Ended = Extract<ObservedContainer, { kind: 'ended' }>;

const textLengthMax = 1000;

/** Why a container that ended did so. */
export function causeOfEnd(pod: ObservedPod, ended: Ended): Cause {
  return { reason: ended.reason, message: shortened(endText(pod, ended)) };
}

function endText(pod: ObservedPod, ended: Ended): string {
  if (ended.reason === 'OOMKilled') {
    const limit = pod.memoryLimit === null ? 'the memory it may use' : `its memory limit of ${pod.memoryLimit}`;
    return `out of memory: the container needed more than ${limit} and was killed`;
  }
  if (ended.startedAt === null) return `the container could not be started: ${plainRuntimeText(ended.message)}`;
  // Its message is what the program wrote last: output is no event, and may hold secrets.
  return `the program ended with exit code ${ended.exitCode}${signalText(ended.exitCode)}`;
}

/** Shells and runtimes report death by signal n as 128 + n. */
function signalText(exitCode: number): string {
  return exitCode > 128 && exitCode <= 128 + 64 ? ` (signal ${exitCode - 128})` : '';
}

/** Why a Pod failed that says nothing of its container. */
export function causeOfFailedPod(pod: ObservedPod): Cause {
  const { reason, message } = pod.said;
  return {
    reason: reason === '' ? 'Failed' : reason,
    message: message === '' ? 'the cluster does not say why' : shortened(message),
  };
}

/** Why a container never came to run. */
export function causeOfTrouble(pod: ObservedPod, trouble: StartTrouble): Cause {
  return { reason: trouble.reason, message: troubleText(pod, trouble) };
}

function troubleText(pod: ObservedPod, trouble: StartTrouble): string {
  const answer = shortened(plainRuntimeText(trouble.answer)).replace(`${pod.image}: `, '');
  const because = answer === '' ? '' : `: ${answer}`;
  if (trouble.kind === 'start') return `the container could not be created${because}`;
  if (trouble.reason === 'InvalidImageName') return `'${pod.image}' is no name of an image${because}`;
  return `the image '${pod.image}' could not be pulled${because}`;
}

/** Why no node took the Pod within `patienceMs`. */
export function causeOfNoPlace(pod: ObservedPod, unplaced: Cause, queue: string, patienceMs: number): Cause {
  return {
    reason: unplaced.reason,
    message: `no place was found in queue '${queue}' within ${durationText(patienceMs)}: ${placeText(pod, unplaced)}`,
  };
}

/** What the pod needs, and what the scheduler found. Its words on what else it thought of help nobody here. */
function placeText(pod: ObservedPod, { message }: Cause): string {
  const found = shortened(message.replace(/\.? (no new claims to deallocate|preemption: ).*$/s, ''));
  return pod.asksFor === '' ? found : `${found}; the pod asks for ${pod.asksFor}`;
}

/**
 * What `status_container.message` says. The recorded cause is shown beside it and says why a run came to its end
 * (`hasCause`), so that only what is in no event is told then.
 */
export function containerMessage(
  pod: ObservedPod,
  trouble: StartTrouble | null,
  context: {
    readonly queue: string;
    readonly pullAttemptsMax: number;
    readonly warning: string | null;
    readonly hasCause: boolean;
  },
): string {
  if (pod.endedByPlatform) return 'ended by the platform, not by its program';
  if (pod.container.kind === 'ended') return endedMessage(pod.container);
  return context.hasCause ? '' : unendedMessage(pod, pod.container, trouble, context);
}

/** What nothing else says of an end: phase and cause tell the rest. */
function endedMessage(ended: Ended): string {
  // Of a container that never ran the message is the runtime's, which the cause gives.
  if (ended.startedAt === null || ended.message === '') return '';
  return `last output: ${lastOf(ended.message)}`;
}

function unendedMessage(
  pod: ObservedPod,
  container: Exclude<ObservedContainer, Ended>,
  trouble: StartTrouble | null,
  context: { readonly queue: string; readonly pullAttemptsMax: number; readonly warning: string | null },
): string {
  if (pod.deletion !== null) return 'the container is being ended';
  if (pod.unplaced !== null) {
    return `waits for a place in queue '${context.queue}' (${pod.unplaced.reason}): ${placeText(pod, pod.unplaced)}`;
  }
  switch (container.kind) {
    case 'none':
      return preparingMessage('initialising', context.warning);
    case 'running':
      return pod.ready ? 'running' : 'running, not ready';
    case 'waiting':
      return waitingMessage(pod, container.reason, trouble, context);
  }
}

function waitingMessage(
  pod: ObservedPod,
  reason: string,
  trouble: StartTrouble | null,
  { pullAttemptsMax, warning }: { readonly pullAttemptsMax: number; readonly warning: string | null },
): string {
  if (trouble === null) return preparingMessage(`initialising (${reason})`, warning);
  const attempt = trouble.kind === 'pull' ? `, attempt ${trouble.failures} of ${pullAttemptsMax}` : '';
  return `waits (${reason}${attempt}): ${troubleText(pod, trouble)}`;
}

function preparingMessage(what: string, warning: string | null): string {
  return warning === null ? what : `${what}; the cluster warns of ${shortened(warning)}`;
}

/** Which parts of a chain of errors only say who passed it on. */
const passedOn: readonly RegExp[] = [
  /^Back-off pulling image "[^"]*"(: )?/,
  /^(ErrImagePull|RegistryUnavailable): /,
  /^rpc error: code = \w+ desc = /,
  /^failed to pull and unpack image "[^"]*": /,
  /^failed to resolve (reference|image) "[^"]*": /,
  /^failed to (do request|copy|authorize): /,
  /^failed to create containerd (task|container): /,
  /^failed to create shim task: /,
  /^OCI runtime create failed: /,
  /^runc create failed: /,
  /^unable to start container process: /,
];

/** The innermost answer of containerd's and runc's nested errors. */
function plainRuntimeText(text: string): string {
  let rest = text.trim().replace(/: unknown$/, '');
  for (let before = ''; before !== rest;) {
    before = rest;
    for (const pattern of passedOn) rest = rest.replace(pattern, '');
  }
  return rest;
}

function lineOf(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

/** A long output says at its end why it was the last. */
function lastOf(text: string): string {
  const line = lineOf(text);
  return line.length <= textLengthMax ? line : `…${line.slice(1 - textLengthMax)}`;
}

function shortened(text: string): string {
  const line = lineOf(text);
  return line.length <= textLengthMax ? line : `${line.slice(0, textLengthMax - 1)}…`;
}

function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120 || seconds % 60 !== 0) return `${seconds} seconds`;
  return `${seconds / 60} minutes`;
}
