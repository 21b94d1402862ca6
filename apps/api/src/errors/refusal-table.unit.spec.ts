// One row for each code: what it looks like on the wire, by both sets of status codes.
import { describe, expect, it } from 'vitest';
import { refusalCodes, renderRefusal } from './refusal-table.ts';
import type { ApiRefusal } from './refusal.ts';

const rows: readonly (readonly [ApiRefusal, standard: number, older: number, text: RegExp])[] = [
  [{ code: 'InvalidRequest', lines: ['body, pod_id: Field required'] }, 400, 400, /^body, pod_id: Field required$/],
  [{ code: 'BodyTooLarge', bytesMax: 9 }, 413, 413, /larger than 9 bytes/],
  [{ code: 'DefinitionTooLarge', bytesMax: 9 }, 413, 413, /larger than 9 bytes.*environment_variables/],
  [{ code: 'TokenMissing' }, 401, 400, /X-Tapis-Token/],
  [{ code: 'TokenInvalid', fault: 'expired' }, 401, 400, /^Invalid Tapis token: it has expired/],
  [{ code: 'TenantMismatch', tokenTenant: 'dev', requestTenant: 'lab' }, 401, 400, /'dev'.*'lab'/],
  [{ code: 'UnknownHost', host: 'x.test' }, 400, 400, /'x\.test'/],
  [{ code: 'OnBehalfOfRefused' }, 403, 400, /service tokens only/],
  [{ code: 'OnBehalfOfIncomplete' }, 400, 400, /X-Tapis-Tenant and X-Tapis-User/],
  [{ code: 'WrongSite', siteId: 'local' }, 401, 400, /'local'/],
  [{ code: 'NotServiceAdmin', user: 'ada' }, 403, 400, /X-Pods-Admin.*'ada'/],
  [
    { code: 'NotAllowed', method: 'GET', route: '/pods/{pod_id}/stop', needs: 'ADMIN' },
    403,
    400,
    /^Not authorized -- you do not have access to this endpoint\. GET \/pods\/\{pod_id\}\/stop needs ADMIN/,
  ],
  [{ code: 'PodNotFound', podId: 'docpod' }, 404, 404, /^Pod with identifier pod_id: 'docpod' not found$/],
  [{ code: 'UnknownRoute', method: 'GET', path: '/x' }, 404, 404, /GET \/x/],
  [{ code: 'MethodNotAllowed', method: 'PUT', allow: ['GET', 'POST'] }, 405, 405, /PUT, but GET, POST/],
  [{ code: 'PodExists', podId: 'docpod' }, 409, 500, /'docpod' already exists/],
  [{ code: 'PodNotStopped', status: 'AVAILABLE' }, 409, 500, /Pod must be in 'STOPPED' status to run 'start_pod'/],
  [{ code: 'CommandIdReused' }, 409, 400, /Idempotency-Key/],
  [{ code: 'VersionMismatch', expected: 1, actual: 2 }, 412, 412, /version 1, it is at 2/],
  [{ code: 'NotOffered', what: 'Not here.' }, 501, 501, /^Not here\.$/],
  [{ code: 'LogFull' }, 507, 507, /no room/],
  [{ code: 'LogUnavailable' }, 503, 503, /Nothing was changed/],
  [{ code: 'OutcomeUnknown' }, 503, 503, /may or may not/],
  [{ code: 'NotVisibleYet' }, 503, 503, /not visible/],
  [{ code: 'NewerThanMe' }, 503, 503, /newer version/],
  [{ code: 'Busy' }, 503, 503, /too many/],
  [{ code: 'NotServing' }, 503, 503, /current/],
  [{ code: 'ContainerLogsUnavailable' }, 503, 503, /logs/],
  [{ code: 'IdentityUnavailable' }, 503, 503, /Tokens cannot be checked/],
  [{ code: 'Unexpected', requestId: 'r1' }, 500, 500, /r1/],
];

describe('a refusal', () => {
  it('has a row here for each code', () => {
    expect(rows.map(([refusal]) => refusal.code).toSorted()).toEqual(refusalCodes.toSorted());
  });

  it.each(rows)('%o is %i by standard codes and %i by older ones', (refusal, standard, older, text) => {
    const rendered = renderRefusal(refusal, 'standard');
    expect(rendered.status).toBe(standard);
    expect(renderRefusal(refusal, 'older').status).toBe(older);
    expect([rendered.message].flat().join(' ')).toMatch(text);
  });

  it('says when to try again exactly where that helps', () => {
    for (const [refusal, status] of rows) {
      expect('Retry-After' in renderRefusal(refusal, 'standard').headers).toBe(status === 503);
    }
  });

  it('of a method names the ones that there are', () => {
    const refusal = { code: 'MethodNotAllowed', method: 'PUT', allow: ['GET', 'POST'] } as const;
    expect(renderRefusal(refusal, 'standard').headers).toEqual({ Allow: 'GET, POST' });
  });
});
