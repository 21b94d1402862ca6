// One user with one pod: asks for something, looks whether it shows, waits a little, asks for the next. Now and then two
// different requests go to the two api processes at once.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Action, Answer, Command, DirectClient, Outcome } from './commands.ts';
import type { Random } from './random.ts';

export interface UserOptions {
  readonly podId: string;
  readonly client: DirectClient;
  readonly random: Random;
  /** Told of every definite outcome. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** Told when a read shows less than an answer before it promised. */
  readonly onStale: (what: string) => void;
}

/** Longest pause between two requests, milliseconds. */
const pauseMaxMs = 3000;

const envelopeSchema = z.object({ result: z.looseObject({ status: z.string(), status_requested: z.string() }) });

/** Goes on until `ended`, then finishes what was begun. @throws when a command gets no definite answer. */
export async function runUser(options: UserOptions, ended: AbortSignal): Promise<void> {
  const { random, podId } = options;
  let seen = await options.client.read(podId, 0);
  while (!ended.aborted) {
    const { choices, pair } = choicesFor(seen);
    const chosen: readonly Action[] =
      random.fraction() < 0.2 ? [random.pick(pair), random.pick(pair)] : [random.pick(choices)];
    seen = await askFor(chosen, options);
    await delay(random.between(200, pauseMaxMs), undefined, { signal: ended }).catch(() => undefined);
  }
}

type Choice = readonly [Action, ...(readonly Action[])];

/** Any of `pair` may stand beside any other of them: each that is accepted makes an event whatever the other does. */
function choicesFor(seen: Answer): { readonly choices: Choice; readonly pair: Choice } {
  if (seen.status === 404)
    return { choices: ['create', 'create', 'create', 'create-off'], pair: ['create', 'create-off'] };
  const { result } = envelopeSchema.parse(JSON.parse(seen.text));
  if (result.status_requested === 'OFF') {
    return {
      choices:
        result.status === 'STOPPED'
          ? ['start', 'start', 'restart', 'update', 'delete']
          : ['start', 'restart', 'delete'],
      pair: ['restart', 'update', 'delete'],
    };
  }
  return {
    choices: ['stop', 'stop', 'restart', 'restart', 'update', 'update-restart', 'delete'],
    pair: ['restart', 'update', 'update-restart', 'delete'],
  };
}

/** Sends all at once. @returns what one process shows afterwards. */
async function askFor(chosen: readonly Action[], options: UserOptions): Promise<Answer> {
  const { client, podId, random, onOutcome, onStale } = options;
  const first = random.pick([0, 1]);
  const outcomes = await Promise.all(
    chosen.map((action, index) => {
      const command: Command = { podId, action, key: randomUUID() };
      return client.send(command, (first + index) % 2 === 0 ? 0 : 1);
    }),
  );
  for (const outcome of outcomes) onOutcome(outcome);
  const seen = await client.read(podId, random.pick([0, 1]));
  const wrong = staleness(outcomes, seen);
  if (wrong !== undefined) onStale(`${podId}: after ${chosen.join(' and ')} ${wrong}`);
  return seen;
}

/** What a read after these answers shows less than they promised. */
function staleness(outcomes: readonly Outcome[], seen: Answer): string | undefined {
  const last = outcomes.toSorted((one, other) => (one.version ?? 0) - (other.version ?? 0)).at(-1);
  if (last?.version === undefined) return undefined;
  if (last.command.action === 'delete') return seen.status === 404 ? undefined : 'the pod is shown';
  // A deletion whose answer was lost may have come after it: asked again there was no such pod.
  const mayBeGone = outcomes.some(({ command, status, uncertainBefore }) => {
    return command.action === 'delete' && status === 404 && uncertainBefore;
  });
  if (seen.status === 404) return mayBeGone ? undefined : 'no pod is shown';
  const shown = Number(seen.etag?.replaceAll('"', ''));
  return shown >= last.version ? undefined : `at ${last.version} version ${shown} is shown`;
}
