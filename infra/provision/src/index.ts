// What must exist before the apps start, and who may do what there.
export * from './nats/authorization.ts';
export * from './nats/compare-nats.ts';
export * from './nats/definitions.ts';
export * from './nats/provision-nats.ts';
export * from './nats/users.ts';
export * from './kubernetes/app-kubeconfig.ts';
export { type NamespaceOwner, type NamespaceState, readNamespaceState } from './kubernetes/namespace-state.ts';
export * from './kubernetes/provision-kubernetes.ts';
export * from './kubernetes/remove-from-kubernetes.ts';
export * from './kubernetes/rights.ts';
export * from './kubernetes/roles.ts';
export { PostgresUnreachableError, type PostgresRole } from './postgres/admin.ts';
export * from './postgres/compare-postgres.ts';
export * from './postgres/provision-postgres.ts';
