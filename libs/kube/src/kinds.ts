// The kinds of objects that the platform touches: where they live in the API and how they look on the wire.
import type {
  CoreV1Event,
  V1ConfigMap,
  V1Namespace,
  V1NetworkPolicy,
  V1Pod,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1Service,
  V1ServiceAccount,
} from '@kubernetes/client-node';

/**
 * A generated model as JSON has it: instants are texts, and the underscore before reserved words is gone. The
 * client's own serialiser, which would convert, is not exported.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T as Key extends `_${infer Name}` ? Name : Key]: Wire<T[Key]> }
      : T;

export type Pod = Wire<V1Pod>;
export type Service = Wire<V1Service>;
export type Secret = Wire<V1Secret>;
export type ConfigMap = Wire<V1ConfigMap>;
export type NetworkPolicy = Wire<V1NetworkPolicy>;
export type ClusterEvent = Wire<CoreV1Event>;
export type Namespace = Wire<V1Namespace>;
export type ServiceAccount = Wire<V1ServiceAccount>;
export type Role = Wire<V1Role>;
export type RoleBinding = Wire<V1RoleBinding>;

/** The objects by kind. */
export interface KindTypes {
  Pod: Pod;
  Service: Service;
  Secret: Secret;
  ConfigMap: ConfigMap;
  NetworkPolicy: NetworkPolicy;
  Event: ClusterEvent;
  Namespace: Namespace;
  ServiceAccount: ServiceAccount;
  Role: Role;
  RoleBinding: RoleBinding;
}
export type Kind = keyof KindTypes;

/** What every object has. */
export type ObjectMeta = NonNullable<Pod['metadata']>;
export interface MetadataOnly {
  metadata?: ObjectMeta;
}

interface KindInfo {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export const kinds: Readonly<Record<Kind, KindInfo>> = {
  Pod: { apiVersion: 'v1', plural: 'pods', namespaced: true },
  Service: { apiVersion: 'v1', plural: 'services', namespaced: true },
  Secret: { apiVersion: 'v1', plural: 'secrets', namespaced: true },
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps', namespaced: true },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies', namespaced: true },
  Event: { apiVersion: 'v1', plural: 'events', namespaced: true },
  Namespace: { apiVersion: 'v1', plural: 'namespaces', namespaced: false },
  ServiceAccount: { apiVersion: 'v1', plural: 'serviceaccounts', namespaced: true },
  Role: { apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'roles', namespaced: true },
  RoleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'rolebindings', namespaced: true },
};

/** The path of a kind's collection in a namespace, or of one object in it. */
export function pathOf(kind: Kind, namespace: string, name?: string): string {
  const { apiVersion, plural, namespaced } = kinds[kind];
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}
