// Who is a service admin, as the Security Kernel says (pods-api.md 8.4). Asked only when it matters, remembered for a
// short time; when it cannot be asked, the caller is simply no admin.
import { z } from 'zod';
import { createBoundedMap } from './bounded-map.ts';
import { fetchJson } from './fetch-json.ts';
import type { Clock, IdentityLog } from './ports.ts';

export interface RolesOptions {
  /** Base URL that serves `/v3/security/user/roles/{user}`, without a trailing slash. */
  readonly url: string;
  /** Any of these roles makes a service admin. */
  readonly adminRoles: readonly string[];
  readonly clock: Clock;
  readonly log: IdentityLog;
  readonly timeoutMs?: number;
  /** How long an answer is remembered; 60 s by default. */
  readonly rememberedMs?: number;
  /** How long no answer is remembered; 5 s by default. */
  readonly failureRememberedMs?: number;
  /** Headers that show who we are, such as a service token. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

export interface Roles {
  readonly isServiceAdmin: (tenantId: string, user: string) => Promise<boolean>;
}

const replySchema = z.object({ result: z.object({ names: z.array(z.string()) }) });

interface Answer {
  readonly admin: Promise<boolean>;
  goodUntil: number;
}

/** Nothing is asked before the first question. */
export function createRoles(options: RolesOptions): Roles {
  const { clock, rememberedMs = 60_000, failureRememberedMs = 5000 } = options;
  const answers = createBoundedMap<string, Answer>(10_000);
  return {
    isServiceAdmin: (tenantId, user) => {
      const id = JSON.stringify([tenantId, user]);
      const known = answers.get(id);
      if (known !== undefined && clock() < known.goodUntil) return known.admin;
      const answer: Answer = {
        admin: askOrDeny(options, tenantId, user, () => {
          answer.goodUntil = clock() + failureRememberedMs;
        }),
        goodUntil: clock() + rememberedMs,
      };
      answers.set(id, answer);
      return answer.admin;
    },
  };
}

async function askOrDeny(
  options: RolesOptions,
  tenantId: string,
  user: string,
  onFailure: () => void,
): Promise<boolean> {
  try {
    const url = `${options.url}/v3/security/user/roles/${encodeURIComponent(user)}?tenant=${encodeURIComponent(tenantId)}`;
    const headers = options.headers?.() ?? {};
    const reply = replySchema.parse(await fetchJson(url, { timeoutMs: options.timeoutMs ?? 3000, headers }));
    return reply.result.names.some((name) => options.adminRoles.includes(name));
  } catch (error) {
    onFailure();
    options.log.warn({ err: error, tenant: tenantId, user }, 'roles cannot be read: no admin rights for now');
    return false;
  }
}
