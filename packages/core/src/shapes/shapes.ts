/** What is known of records before anything runs: for the `shape` of components, and for the checks of a project. */
export { lazyFields, mappedFields, overlay } from './fields.ts';
export { isReadable } from './fit.ts';
export { Flow } from './flow.ts';
export type { Audience, FlowFile, FlowProject, SavedFlow } from './flow-project.ts';
export { join, joinAll } from './join.ts';
export { shapeOf } from './known.ts';
export * from './shape.ts';
export { nameHint, slipOf } from './spelling.ts';
