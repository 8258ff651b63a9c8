import { Ajv, type Options } from 'ajv';
import formats from 'ajv-formats';

/** The validator that every schema of Millrace is compiled with. Keywords of ours only annotate. */
export function createAjv(options: Options = {}): Ajv {
  const ajv = new Ajv({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
    useDefaults: true,
    verbose: true,
    ...options,
  });
  for (const keyword of ['millrace', 'millraceKeys', 'millraceClient', 'millraceContained', 'secret', 'slot'])
    ajv.addKeyword(keyword);
  formats.default(ajv);
  return ajv;
}
