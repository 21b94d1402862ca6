// What the routes need; built once in app.ts.
import type { Clock, Logger } from '@pods/service';
import type { Csrf } from '../browser/csrf.ts';
import type { Sessions } from '../browser/sessions.ts';
import type { ClientStore } from '../clients/client-store.ts';
import type { Directory } from '../directory/directory.ts';
import type { AuthorizationCodes } from '../grants/authorization-codes.ts';
import type { DeviceCodes } from '../grants/device-codes.ts';
import type { TenantKeys } from '../tokens/keys.ts';
import type { Tokens } from '../tokens/tokens.ts';

export interface RouteDeps {
  readonly directory: Directory;
  readonly keys: ReadonlyMap<string, TenantKeys>;
  readonly tokens: Tokens;
  readonly clients: ClientStore;
  readonly codes: AuthorizationCodes;
  readonly devices: DeviceCodes;
  readonly sessions: Sessions;
  readonly csrf: Csrf;
  readonly clock: Clock;
  readonly log: Logger;
}
