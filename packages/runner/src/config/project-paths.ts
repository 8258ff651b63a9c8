import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { MillraceError } from '@millrace/core';

/** Makes the function by which plugins find files of the project, and only those; links are followed first. */
export function pathResolver(directory: string): (path: string) => string {
  const root = realpathSync(directory);
  return (path) => {
    const absolute = resolve(root, path);
    if (!isInside(root, absolute) || !isInside(root, realPath(absolute))) {
      throw new MillraceError('config.outside_project', `"${path}" leads out of the project`, {
        hint: 'Name a file inside the project folder, relative to it.',
      });
    }
    return absolute;
  };
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The real path, also of what does not exist yet. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : resolve(realPath(parent), path.slice(parent.length + 1));
}
