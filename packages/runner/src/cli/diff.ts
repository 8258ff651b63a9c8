import pc from './colours.ts';

/** Colours the lines of a diff: what is gone red, what is new green. */
export function renderDiff(lines: readonly string[]): readonly string[] {
  return lines.map((line) => {
    if (line.startsWith('-')) return pc.red(line);
    if (line.startsWith('+')) return pc.green(line);
    return pc.dim(line);
  });
}
