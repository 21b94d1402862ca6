// Which rights whoever provisions somebody's cluster needs there, and which of them are missing.
import type { KubeConnection } from '@pods/kube';
import { rulesOf } from './roles.ts';

interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Undefined for what belongs to no namespace. */
  readonly namespace?: string;
}

const rbac = 'rbac.authorization.k8s.io';

function of(verbs: readonly string[], group: string, resource: string): readonly Right[] {
  const [name = '', subresource] = resource.split('/');
  return verbs.map((verb) => ({ verb, group, resource: name, ...(subresource === undefined ? {} : { subresource }) }));
}

/** Nobody can give a right that he does not have, so those of the apps are among them. */
function neededRights(namespace: string, namespaceIsMissing: boolean): readonly Right[] {
  const ofApps = Object.values(rulesOf)
    .flat()
    .flatMap(({ apiGroups = [], resources = [], verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => of(verbs, group, resource))),
    );
  const own = [
    ...of(['create', 'patch', 'list', 'delete'], '', 'serviceaccounts'),
    ...of(['create'], '', 'serviceaccounts/token'),
    ...of(['create', 'patch', 'list', 'delete'], rbac, 'roles'),
    ...of(['create', 'patch', 'list', 'delete'], rbac, 'rolebindings'),
  ];
  const inNamespace = [...own, ...ofApps].map((right) => ({ ...right, namespace }));
  const ofCluster = namespaceIsMissing ? of(['create', 'delete'], '', 'namespaces') : [];
  const unique = new Map([...ofCluster, ...inNamespace].map((right) => [describe(right), right]));
  return [...unique.values()];
}

function describe({ verb, group, resource, subresource, namespace }: Right): string {
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${group === '' ? path : `${path}.${group}`}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

/** What a question about rights needs. */
export interface RightsQuestion {
  readonly connection: KubeConnection;
  readonly namespace: string;
  readonly namespaceIsMissing: boolean;
  readonly signal: AbortSignal;
}

/** The rights that are missing, as `verb resource`, sorted. The API server is asked about each. @throws KubeError */
export async function findMissingRights(question: RightsQuestion): Promise<readonly string[]> {
  const { connection, namespace, namespaceIsMissing, signal } = question;
  const answers = await Promise.all(
    neededRights(namespace, namespaceIsMissing).map(async (right) => {
      const answer = await connection.send({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: right },
        },
        signal,
      });
      return isAllowed(await answer.json()) ? [] : [describe(right)];
    }),
  );
  return answers.flat().toSorted();
}

function isAllowed(review: unknown): boolean {
  const status: unknown = typeof review === 'object' && review !== null ? Reflect.get(review, 'status') : undefined;
  return typeof status === 'object' && status !== null && Reflect.get(status, 'allowed') === true;
}
