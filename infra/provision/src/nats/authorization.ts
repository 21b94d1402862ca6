// The part of a nats-server configuration that lets the users in.
import type { NatsUser } from './users.ts';

/** A user with the public half of its NKEY. */
export type NatsUserWithKey = NatsUser & { readonly publicKey: string };

/** How long a received message may be answered. */
const responsesWithin = '2m';

/**
 * Renders the accounts: one with JetStream for all users.
 * @throws RangeError for a key that is no public user key.
 */
export function renderNatsAuthorization(users: readonly NatsUserWithKey[]): string {
  const lines = users.flatMap(renderUser);
  return `accounts {\n  PODS {\n    jetstream: enabled\n    users: [\n${lines.join('\n')}\n    ]\n  }\n}\n`;
}

function renderUser({ name, permissions, publicKey }: NatsUserWithKey): readonly string[] {
  if (!/^U[A-Z2-7]{55}$/.test(publicKey)) throw new RangeError(`the key of ${name} is no public NKEY of a user`);
  const { publish, subscribe, responsesMax } = permissions;
  return [
    `      # ${name}`,
    '      {',
    `        nkey: ${publicKey}`,
    '        permissions {',
    ...renderSubjects('publish', publish),
    ...renderSubjects('subscribe', subscribe),
    ...(responsesMax === 0
      ? []
      : [`          allow_responses: { max: ${responsesMax}, expires: "${responsesWithin}" }`]),
    '        }',
    '      }',
  ];
}

function renderSubjects(what: 'publish' | 'subscribe', subjects: readonly string[]): readonly string[] {
  return [
    `          ${what}: {`,
    '            allow: [',
    ...subjects.map((subject) => `              ${JSON.stringify(subject)}`),
    '            ]',
    '          }',
  ];
}
