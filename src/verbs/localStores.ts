/** What opens images on this machine: loaded together, when the first is opened. */
export { LayoutStore } from '../layout/layoutStore.ts';
export { OpenArchives } from '../layout/openArchives.ts';
export { archiveTarget } from './archiveTargets.ts';
export { layoutTarget } from './layoutTargets.ts';
