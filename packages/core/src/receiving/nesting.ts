const [QUOTE, BACKSLASH] = [34, 92];
const OPENERS = new Set([91, 123]);
const CLOSERS = new Set([93, 125]);

/** How deep lists and objects stand inside one another in a JSON text. */
export function nestingOf(json: string): number {
  let [depth, deepest] = [0, 0];
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (isText) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) isText = false;
    } else if (code === QUOTE) isText = true;
    else if (OPENERS.has(code)) deepest = Math.max(deepest, ++depth);
    else if (CLOSERS.has(code)) depth--;
  }
  return deepest;
}
