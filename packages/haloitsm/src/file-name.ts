/** The name of a file as the header `content-disposition` of an answer gives it. */
export function fileName(disposition: unknown): string | undefined {
  if (typeof disposition !== 'string') return undefined;
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  if (encoded !== undefined) {
    try {
      return decodeURIComponent(encoded);
    } catch {
      // The plain one will do.
    }
  }
  return /filename="([^"]*)"/i.exec(disposition)?.[1];
}
