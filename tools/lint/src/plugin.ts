// The oxlint plugin: our rules under their names. .oxlintrc.json says where each applies.
import { boundaries } from './boundaries.ts';
import { noClock } from './no-clock.ts';

// oxlint-disable-next-line import/no-default-export -- oxlint loads a plugin by its default export
export default { meta: { name: 'pods' }, rules: { boundaries, 'no-clock': noClock } };
