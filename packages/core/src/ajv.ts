import { Ajv, type Options } from 'ajv';
import formats from 'ajv-formats';

/** For schemas that were checked before: compiling the schema of schemas takes longer than all else of a start. */
export const TRUSTED_SCHEMAS: Options = { meta: false, validateSchema: false };

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
