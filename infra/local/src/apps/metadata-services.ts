// Addresses that no pod may reach in any cluster.

/** Where clouds tell machines who they are, and give them credentials. */
export const METADATA_SERVICES: readonly string[] = ['169.254.169.254/32', 'fd00:ec2::254/128'];
