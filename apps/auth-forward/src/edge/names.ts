// Names of routers and services, and the check that a host name may stand in a rule. User text reaches a rule only
// through here.

/** One label or more of letters, digits and dashes: nothing that a rule could read as anything but a name. */
const hostPattern = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

export function isHostName(text: string): boolean {
  return hostPattern.test(text);
}

/** A Traefik rule for one host. @throws RangeError for anything that is no host name. */
export function hostRule(host: string): string {
  if (!isHostName(host)) throw new RangeError('not a host name');
  return `Host(\`${host}\`)`;
}

/** Router and service of one networking entry: `pods-<site>-<tenant>-<pod id>`, with `-<key>` unless `default`. */
export function entryName(site: string, tenant: string, podId: string, key: string): string {
  const name = `pods-${site}-${tenant}-${podId}`;
  return key === 'default' ? name : `${name}-${key}`;
}
