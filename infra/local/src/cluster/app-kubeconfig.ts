// Tells whether the kubeconfig that an app was given can still be used.
import { connect, kubeconfigWithToken, KubeError } from '@pods/kube';
import { decodeJwt } from 'jose';
import { parse } from 'yaml';
import { z } from 'zod';
import { readIfThere } from '../files/put-file.ts';

const schema = z.object({
  contexts: z.tuple([z.object({ context: z.object({ namespace: z.string() }) })]),
  users: z.tuple([z.object({ name: z.string(), user: z.object({ token: z.string() }) })]),
});

const MONTH_MS = 30 * 86_400_000;
const ANSWER_MS = 10_000;

const endOf = (token: string): Date => new Date((decodeJwt(token).exp ?? 0) * 1000);

const lasts = (token: string, now: Date): boolean => endOf(token).getTime() - now.getTime() > MONTH_MS;

/** Anybody may ask for the version, but a token that is not valid is refused even there. */
const isTaken = async (file: string): Promise<boolean> => {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await connect(file).send({ method: 'GET', path: '/version', signal });
    await answer.text();
    return true;
  } catch (error) {
    if (!(error instanceof KubeError) || error.code === 'Unavailable') throw error;
    return error.code !== 'Unauthorized';
  }
};

/** The cluster that a kubeconfig has to lead to, and the namespace in it. */
type Wanted = { readonly kubeconfigFile: string; readonly namespace: string };

/**
 * Whether the kubeconfig in a file is what would be written for the wanted cluster now, with a token that the cluster
 * takes, for another month at least.
 * @throws KubeError when the cluster cannot be asked.
 */
export const isCurrentKubeconfig = async (file: string, wanted: Wanted, now: Date): Promise<boolean> => {
  const content = (await readIfThere(file)) ?? '';
  const parsed = schema.safeParse(parse(content));
  if (!parsed.success) return false;
  const [{ name, user }] = parsed.data.users;
  const { kubeconfigFile, namespace } = wanted;
  if (content !== kubeconfigWithToken(kubeconfigFile, { name, token: user.token, namespace })) return false;
  return lasts(user.token, now) && (await isTaken(file));
};

/**
 * When the token of an app's kubeconfig ends, if that is within a month: some clusters give out shorter ones than were
 * asked for, and apps read theirs when they start.
 */
export const earlyEnd = async (file: string, now: Date): Promise<Date | undefined> => {
  const parsed = schema.safeParse(parse((await readIfThere(file)) ?? ''));
  const token = parsed.success ? parsed.data.users[0].user.token : undefined;
  return token === undefined || lasts(token, now) ? undefined : endOf(token);
};
