import type { MaybePromise } from '../../contracts.ts';
import type { Format, FormatName } from './format.ts';

const LOADERS: Readonly<Record<FormatName, () => Promise<Format>>> = {
  json: async () => (await import('./json.ts')).json,
  csv: async () => (await import('./csv.ts')).csv,
  xml: async () => (await import('./xml.ts')).xml,
  base64: async () => (await import('./base64.ts')).base64,
  url: async () => (await import('./url.ts')).url,
};

/** Loads a format, and its library with it: most commands need none. The first record may have to wait for it. */
export function loadFormat(name: FormatName): () => MaybePromise<Format> {
  let loaded: Format | undefined;
  const loading = LOADERS[name]().then((format) => {
    loaded = format;
    return format;
  });
  // Whoever waits for it is told; nobody may ever do.
  loading.catch(() => {});
  return () => loaded ?? loading;
}
