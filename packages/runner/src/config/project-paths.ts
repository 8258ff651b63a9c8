import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { MillraceError, type ProjectFiles } from '@millrace/core';

/** How components find and read files of the project, and only those; links are followed first. */
export function projectFiles(directory: string): ProjectFiles {
  const root = existsSync(directory) ? realpathSync(directory) : directory;
  const resolvePath = (path: string) => {
    const absolute = resolve(root, path);
    if (!isInside(root, absolute) || !isInside(root, realPath(absolute))) {
      throw new MillraceError('config.outside_project', `"${path}" leads out of the project`, {
        hint: 'Name a file inside the project folder, relative to it.',
      });
    }
    return absolute;
  };
  const readFile = (path: string) => {
    try {
      return readFileSync(resolvePath(path), 'utf8');
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new MillraceError('config.unreadable', `The file "${path}" cannot be read: ${code}`, {
        hint: 'Name a file inside the project folder, relative to it.',
      });
    }
  };
  return { resolvePath, readFile };
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
