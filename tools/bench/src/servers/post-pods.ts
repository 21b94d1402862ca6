// Asking an api process for new pods, as a client would: one kept connection a client, every pod id new.
import { Pool } from 'undici';

export interface PodPoster {
  /** Creates one pod, throws for any answer but 200. */
  readonly post: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Names never used before in this process. */
let created = 0;

/** @param connections how many requests may be under way */
export function createPodPoster(url: string, token: string, connections: number): PodPoster {
  const pool = new Pool(url, { connections });
  const headers = { 'x-tapis-token': token, 'content-type': 'application/json' };
  return {
    post: async () => {
      created += 1;
      const body = JSON.stringify({ pod_id: `bench${created}`, image: 'pods.local/webpage:1' });
      const answer = await pool.request({ method: 'POST', path: '/v3/pods', headers, body });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`POST /pods answers ${answer.statusCode}: ${text}`);
    },
    close: () => pool.close(),
  };
}
