import type { ProjectFiles } from './define.ts';
import { MillraceError } from './errors.ts';

/** A project without files, where nobody gives others. */
export const NO_FILES: ProjectFiles = {
  resolvePath: (path) => path,
  readFile: (path) => {
    throw new MillraceError('config.unreadable', `There is no file "${path}"`);
  },
};
