// The only door to the Kubernetes API: names, single calls, watch caches, container logs.
export * from './client.ts';
export type { KubeConnection } from './connection.ts';
export { connect } from './connection.ts';
export * from './errors.ts';
export * from './informer.ts';
export type {
  ClusterEvent,
  ConfigMap,
  Kind,
  KindTypes,
  MetadataOnly,
  Namespace,
  NetworkPolicy,
  ObjectMeta,
  Pod,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
} from './kinds.ts';
export type { LogLine } from './log-lines.ts';
export { logLineBytesMax } from './log-lines.ts';
export * from './logs.ts';
export * from './kubeconfig.ts';
export * from './names.ts';
export * from './platform-end.ts';
