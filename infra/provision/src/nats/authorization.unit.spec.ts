// The rendered configuration holds every user with its key and its subjects, and nothing of a wrong key.
import { topology } from '@pods/contracts';
import { describe, expect, it } from 'vitest';
import { renderNatsAuthorization } from './authorization.ts';
import { natsUserNames, natsUsers } from './users.ts';

const publicKey = `U${'A'.repeat(55)}`;
const users = natsUsers(topology());

describe('the rendered authorization', () => {
  it('names each user once, with its key, in one account with JetStream', () => {
    const text = renderNatsAuthorization(users.map((user) => ({ ...user, publicKey })));
    expect(text.match(/jetstream: enabled/g)).toHaveLength(1);
    expect(text.match(/nkey: U/g)).toHaveLength(natsUserNames.length);
    for (const name of natsUserNames) expect(text).toContain(`# ${name}\n`);
  });

  it('quotes every subject, so that wildcards and dollar signs are text', () => {
    const text = renderNatsAuthorization(users.map((user) => ({ ...user, publicKey })));
    for (const subject of users.flatMap((user) => user.permissions.publish)) expect(text).toContain(`"${subject}"`);
  });

  it('refuses what is no public key of a user, above all a seed', () => {
    const seed = `SUA${'A'.repeat(55)}`;
    const render = (): string => renderNatsAuthorization(users.map((user) => ({ ...user, publicKey: seed })));
    expect(render).toThrow(RangeError);
    expect(render).not.toThrow(seed);
  });
});

describe('the users', () => {
  it('hear their own inbox and no other', () => {
    for (const { name, permissions } of users.filter((user) => user.name !== 'admin')) {
      const inboxes = permissions.subscribe.filter((subject) => subject.startsWith('_INBOX'));
      expect(inboxes).toEqual([`_INBOX_${name}.>`]);
    }
  });

  it('cannot change, purge or delete a stream, but for the object store of health', () => {
    const apps = users.filter((user) => user.name !== 'admin');
    const subjects = apps.flatMap((user) => user.permissions.publish);
    expect(
      subjects.filter((subject) =>
        /STREAM\.(CREATE|UPDATE|DELETE|PURGE|RESTORE)|MSG\.DELETE|CONSUMER\.DELETE/.test(subject),
      ),
    ).toEqual(['$JS.API.STREAM.PURGE.OBJ_pod_logs']);
    expect(subjects.filter((subject) => subject === '>' || subject.startsWith('$JS.API.>'))).toEqual([]);
  });

  it('follow the names of their installation', () => {
    const subjects = natsUsers(topology('other')).flatMap((user) => user.permissions.publish);
    expect(subjects).toContain('other.pods.events.*.*.*');
    expect(subjects).toContain('$JS.API.STREAM.INFO.other_POD_EVENTS');
    expect(subjects).not.toContain('pods.events.*.*.*');
  });
});
