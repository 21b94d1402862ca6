// For specs: tenants with keys of their own, and the endpoints that list them.
export * from './identity-fixture.ts';
