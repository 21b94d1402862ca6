// What specs of other projects may use: a clock that moves only when told.
export * from './manual-clock.ts';
