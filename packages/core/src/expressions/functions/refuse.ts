import { MillraceError } from '../../errors.ts';

/** Does what is done with arguments that stand in the file; what fails there is a mistake in the file. */
export function refuse<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    throw new MillraceError(
      'config.invalid_argument',
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** A locale that this Node knows; another would silently be taken for the machine's own. */
export function checkLocale(locale: string): string {
  let known: readonly string[] = [];
  try {
    known = Intl.DateTimeFormat.supportedLocalesOf([locale]);
  } catch {
    // Not even the form of one.
  }
  if (known.length === 0)
    throw new RangeError(`there is no locale "${locale}"; write one such as en, en-GB or nl`);
  return locale;
}
